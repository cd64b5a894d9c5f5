"""`make run` with a mailbox of one's own: here one that refuses every connection."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.live import describe_login
from tests.environment import ROOT, child_environment
from tests.servers.ports import HOST, free_port

SECONDS = 60.0


class Run:
    """`python -m demo` in a folder, with what it writes."""

    def __init__(self, folder: Path, out: str = "out", **variables: str) -> None:
        self.out = folder / out
        with self.out.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo", "--port", "0", "--dir", str(folder / "run")],
                cwd=ROOT,
                env=child_environment(folder, **variables),
                stdout=file,
                stderr=file,
            )

    @property
    def text(self) -> str:
        return self.out.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        ends = time.monotonic() + SECONDS
        while text not in self.text:
            assert time.monotonic() < ends, self.text
            assert self.process.poll() is None, self.text
            time.sleep(0.02)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a relay. Its processes hear a Ctrl-C although our own shell may not."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield {
        "IMAP_SERVER": HOST,
        "IMAP_PORT": str(free_port()),
        "EMAIL_ADDRESS": "a@example.org",
        "EMAIL_PASSWORD": "p",
    }
    signal.signal(signal.SIGINT, before)


def test_it_says_what_a_person_needs_and_no_more(tmp_path: Path, real: dict[str, str]) -> None:
    """One test: a whole run takes seconds."""
    run = Run(tmp_path, **real)
    try:
        run.wait_for("Ctrl-C stops everything.")
        run.wait_for("Deliveries wait: no webhook URL is set")
        assert Run(tmp_path, out="second", **real).process.wait(SECONDS) == 0
        assert run.interrupt() == 0
    finally:
        run.process.kill()

    lines = run.text.splitlines()
    assert lines[-3:] == ["poller    stopped", "web       stopping…", "web       stopped"]
    assert "webhooks  WEBHOOK_URL is not set: Endpoints in the admin" in run.text
    assert "Listening at" not in run.text
    assert "file-based lock" not in run.text
    logs = tmp_path / "run"
    assert "Listening at" in (logs / "web.log").read_text()
    assert "file-based lock" in (logs / "poller.log").read_text()
    assert (tmp_path / "second").read_text() == f"It is running already; see {logs}.\n"


def test_a_ctrl_c_during_the_imports_shows_nothing(tmp_path: Path, real: dict[str, str]) -> None:
    """Each import is told when it is done: the first ones of Django come early."""
    run = Run(tmp_path, PYTHONPROFILEIMPORTTIME="1", **real)
    run.wait_for("django.")

    assert run.interrupt() == -signal.SIGINT
    assert "Traceback" not in run.text


@pytest.mark.parametrize(
    ("user", "text"),
    [
        ("ada", "ada, made with DASHBOARD_PASSWORD"),
        ("", "DASHBOARD_USER and DASHBOARD_PASSWORD in .env make the first user"),
    ],
)
def test_how_to_log_in_is_said(user: str, text: str) -> None:
    assert describe_login(user) == text
