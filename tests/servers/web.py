"""The web process, as its start script starts it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import requests

from tests.canary import found_in
from tests.environment import ROOT, child_environment
from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start

SECONDS_TO_START = 120.0
# The first answer waits until the worker is there.
SECONDS_TO_ANSWER = 60.0


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

    def threads(self) -> int:
        """Of the processes that answer."""
        pid = self._process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(len(list(Path(f"/proc/{worker}/task").iterdir())) for worker in workers)

    def stop(self) -> None:
        end(self._process, seconds=30.0)
        assert found_in(self.log) == [], "a secret in the log"


class Visitor:
    """A browser without JavaScript; TLS, where there is any, ends in front of the process."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers or {})

    def get(self, url: str) -> requests.Response:
        return self._send("GET", url, {})

    def post(self, url: str, **fields: str) -> requests.Response:
        """Without a look at the page."""
        return self._send("POST", url, fields)

    def submit(self, url: str, **fields: str) -> requests.Response:
        """Fill in the form of that page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(url).text)
        assert found, "the page has no form"
        return self.post(url, csrfmiddlewaretoken=found[1], **fields)

    def _send(self, method: str, url: str, fields: Mapping[str, str]) -> requests.Response:
        # By hand: requests keeps secure cookies from a process that speaks plain http.
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.session.cookies)
        headers = {"Cookie": cookies} if cookies else {}
        return self.session.request(
            method,
            url,
            data=fields,
            headers=headers,
            allow_redirects=False,
            timeout=SECONDS_TO_ANSWER,
        )
