<<<<<<< HEAD
"""The web process as it runs in production: gunicorn, on a port of this machine."""

from __future__ import annotations

import subprocess
=======
"""The web process, as its start script starts it."""

from __future__ import annotations

import os
import re
>>>>>>> 136dce9 (Make the first user from the environment)
import sys
from collections.abc import Mapping
from pathlib import Path

<<<<<<< HEAD
=======
import requests

>>>>>>> 136dce9 (Make the first user from the environment)
from tests.environment import ROOT, child_environment
from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start

<<<<<<< HEAD

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
=======
SECONDS_TO_START = 30.0


class Web:
    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        port = free_port()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.url = f"http://{HOST}:{port}"
        self._log = folder / "web.log"
        with self._log.open("ab") as log:
            process = start(
                [str(ROOT / "scripts" / "start-web")],
                output=log,
                environment=child_environment(folder, PORT=str(port), PATH=path, **variables),
            )
        self._process = process
        wait_port(port, SECONDS_TO_START, alive=lambda: process.poll() is None)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        end(self._process, seconds=30.0)


class Visitor:
    """A browser without JavaScript; TLS, where there is any, ends in front of the process."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers or {})

    def get(self, url: str) -> requests.Response:
        return self._send("GET", url, {})

    def submit(self, url: str, **fields: str) -> requests.Response:
        """Fill in the form of that page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(url).text)
        assert found, "the page has no form"
        return self._send("POST", url, {"csrfmiddlewaretoken": found[1], **fields})

    def _send(self, method: str, url: str, fields: Mapping[str, str]) -> requests.Response:
        # By hand: requests keeps secure cookies from a process that speaks plain http.
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        headers = {"Cookie": cookies} if cookies else {}
        return self.session.request(
            method, url, data=fields, headers=headers, allow_redirects=False, timeout=20
        )
>>>>>>> 136dce9 (Make the first user from the environment)
