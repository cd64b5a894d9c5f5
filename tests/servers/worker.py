"""The R2 fetch Worker of cloudflare/ on its real runtime, with a bucket in memory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from tests.environment import ROOT
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.ports import HOST, free_port
from tests.servers.process import end, start

HOW = "The Worker's runtime is missing: install Node.js 20 or newer and npm, then `make worker`."
CLOUDFLARE = ROOT / "cloudflare"
SERVE = CLOUDFLARE / "test" / "serve.mjs"
OLDEST_NODE = 20
SECONDS_TO_START = 60.0
# As in cloudflare/test/runtime.mjs.
TOKEN = "token-of-the-worker"
BUCKET_NAME = "test-bucket"
PUBLIC_BASE_URL = "https://files.example.org"


def node_binary() -> str | None:
    """A Node.js that can run the Worker, whose packages are installed."""
    node = shutil.which("node")
    if not node or not (CLOUDFLARE / "node_modules" / "miniflare").is_dir():
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    major = int(version.stdout.lstrip("v").partition(".")[0])
    return node if major >= OLDEST_NODE else None


def node_environment(folder: Path) -> dict[str, str]:
    """Its temporary files go with the folder; CI keeps it from asking anybody anything."""
    kept = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    return {**kept, "CI": "1", "TMPDIR": str(folder)}


class Worker:
    """Worker(binary, folder, source, variables).

    binary: from node_binary(). folder: its log and temporary files. source: the endpoint that
    answers whatever the Worker fetches, https://www.dropbox.com/… too, so that the source says
    what a provider would. variables: further settings of the Worker, such as
    {"TIMEOUT_SECONDS": "0.5"}.

    `url` takes orders, `environment()` is what the relay needs to send them there. The bucket is
    empty after a restart; the port stays.
    """

    def __init__(
        self,
        binary: str,
        folder: Path,
        source: Endpoint,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}/"
        self._command = [binary, str(SERVE)]
        self._variables = dict(variables or {})
        self._folder = folder
        self._log = folder / "worker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._objects = ""
        self.start()

    def environment(self) -> dict[str, str]:
        return {
            "R2_FETCH_ENABLED": "true",
            "R2_FETCH_ENDPOINT": self.url,
            "R2_FETCH_TOKEN": TOKEN,
            "R2_PUBLIC_BASE_URL": PUBLIC_BASE_URL,
            "R2_BUCKET_NAME": BUCKET_NAME,
            "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
        }

    def stored(self, key: str) -> requests.Response | None:
        """The object as a public bucket shows it, None if there is none."""
        answer = requests.get(f"{self._objects}/{quote(key, safe='')}", timeout=10)
        if answer.status_code == requests.codes.not_found:
            return None
        answer.raise_for_status()
        return answer

    def metadata(self, key: str) -> dict[str, str]:
        answer = self.stored(key)
        assert answer is not None, f"nothing is stored as {key}"
        found: dict[str, str] = json.loads(answer.headers["X-Custom-Metadata"])
        return found

    def clean_up(self) -> None:
        """What the Worker does by its schedule."""
        requests.post(self._objects, timeout=30).raise_for_status()

    def start(self) -> None:
        if self._process is not None:
            return
        self._log.unlink(missing_ok=True)
        options = {
            "port": self.port,
            "source": f"{HOST}:{self.source.port}",
            "variables": self._variables,
        }
        with self._log.open("wb") as log:
            # By SIGTERM it ends the runtime too, which is a process of its own.
            self._process = start(
                [*self._command, json.dumps(options)],
                output=log,
                environment=node_environment(self._folder),
                when_orphaned=signal.SIGTERM,
            )
        self._objects = self._wait_ready(self._process)["objects"]

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def heal(self) -> None:
        """Whatever a test did to it: running and empty, its source plain."""
        self.start()
        requests.delete(self._objects, timeout=30).raise_for_status()
        self.source.refuse(False)
        self.source.answer(Answer())
        self.source.clear()

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        ends = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < ends:
            for line in self._log.read_text(encoding="utf-8").splitlines(keepends=True):
                if line.startswith('{"worker"') and line.endswith("\n"):
                    ready: dict[str, Any] = json.loads(line)
                    return ready
            time.sleep(0.02)
        raise TimeoutError(f"the Worker does not start: {self._log.read_text(encoding='utf-8')}")
