"""A fresh checkout, built and started by the commands of a Blueprint, as Render does it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.environment import ROOT, child_environment
from tests.servers.ports import HOST, free_port
from tests.servers.process import end, start

HOST_NAME = "relay.onrender.com"
SECONDS = 120.0
# What the platform, Python and the proxy know of the client.
PROXY = {"Host": HOST_NAME, "X-Forwarded-Proto": "https", "CF-Connecting-IP": "198.51.100.7"}
PROVIDED = {
    "RENDER": "true",
    "RENDER_EXTERNAL_HOSTNAME": HOST_NAME,
    "RENDER_EXTERNAL_URL": f"https://{HOST_NAME}",
    "DASHBOARD_USER": "ada",
    "DASHBOARD_PASSWORD": "correct horse battery",
    "SECRET_KEY": "generated-by-the-platform-" + "0" * 40,
}


class Checkout:
    """What git holds or is about to, in a folder of its own, with the packages of this one."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder / "src"
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.check_output(listing, cwd=ROOT)
        for name in listed.decode().split("\0"):
            if name and (ROOT / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)
        self._environment = child_environment(folder) | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            # All that it asks for is installed: what is missing from requirements.txt fails.
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "DATABASE_URL": "",
            "CONFIG_STORE_DIR": "",
            "BG_POLLER_LOCK_FILE": "",
            **PROVIDED,
            **variables,
        }

    def run(self, command: str) -> str:
        """A command that ends; without a shell, which the pre-deploy command does not have."""
        done = subprocess.run(
            self._words(command),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, command: str, **variables: str) -> Service:
        return Service(self._words(command), self.folder, self._environment | variables)

    def _words(self, command: str) -> list[str]:
        program, *rest = shlex.split(command)
        inside = self.folder / program
        return [str(inside) if inside.exists() else program, *rest]


class Service:
    def __init__(self, words: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._log = folder / f"service-{self.port}.log"
        with self._log.open("ab") as log:
            self._process = start(
                words,
                output=log,
                environment=environment | {"PORT": str(self.port)},
                folder=folder,
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        return self._process.pid

    def says(self, text: str) -> None:
        ends = time.monotonic() + SECONDS
        while text not in self.log:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < ends, f"{text!r} is not said:\n{self.log}"
            time.sleep(0.1)

    def get(self, path: str) -> requests.Response:
        """As the proxy asks, once the port is open."""
        ends = time.monotonic() + SECONDS
        while True:
            try:
                return requests.get(
                    f"http://{HOST}:{self.port}{path}",
                    headers=PROXY,
                    allow_redirects=False,
                    timeout=30,
                )
            except requests.ConnectionError:
                assert self._process.poll() is None, self.log
                assert time.monotonic() < ends, self.log
                time.sleep(0.2)

    def stop(self) -> tuple[int, float]:
        """SIGTERM: the exit code and the seconds it took."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(SECONDS), time.monotonic() - begun

    def wait(self) -> int:
        return self._process.wait(SECONDS)

    def close(self) -> None:
        end(self._process)
