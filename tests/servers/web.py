"""The web process as it runs in production: gunicorn, on a port of this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.environment import ROOT, child_environment
from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start


class WebServer:
    """`folder` stands for the disk of one container."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.folder = folder
        self.log = folder / f"web-{self.port}.log"
        self.environment = child_environment(folder, ALLOWED_HOSTS=HOST, **variables)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = ["-m", "gunicorn", "render_signal.wsgi:application"]
        options = ["--bind", f"{HOST}:{self.port}", "--threads", "4", "--no-control-socket"]
        with self.log.open("ab") as log:
            process = start(
                [sys.executable, *command, *options],
                output=log,
                environment=self.environment,
                folder=ROOT,
            )
        self._process = process
        wait_port(self.port, 30, alive=lambda: process.poll() is None)

    def manage(self, *arguments: str, **variables: str) -> str:
        """Run a command of manage.py in the same environment. What it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None
