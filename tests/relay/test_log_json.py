"""With LOG_FORMAT=json a program reads the log: each line that the poller says is an object."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.environment import ROOT, child_environment
from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox

# It waits until the process has seen to what nobody catches.
DYING_THREAD = """
import sys, threading, time
def die():
    while threading.excepthook is threading.__excepthook__:
        time.sleep(0.01)
    raise ValueError("first line\\nsecond line")
threading.Thread(target=die, name="doomed").start()
"""
FAULTY = """
from runtime import descriptors
def fail():
    raise ValueError("first line\\nsecond line")
descriptors.allow_many_descriptors = fail
"""
WARNING = """
import warnings
from runtime import descriptors
descriptors.allow_many_descriptors = lambda: warnings.warn("first line\\nsecond line")
"""
WITHOUT_SETTINGS = """
import sys
sys.modules["runtime.env_file"] = None
"""


def events(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def run(folder: Path, program: str = "", **variables: str) -> tuple[int, list[dict[str, Any]]]:
    """`manage.py runpoller --once` of a process that something is wrong with."""
    started = "import sys; sys.argv = ['manage.py', 'runpoller', '--once']"
    done = subprocess.run(
        [sys.executable, "-c", f"{started}\n{program}\nimport manage; manage.main()"],
        cwd=ROOT,
        env=child_environment(folder, **variables or {"LOG_FORMAT": "json"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    return done.returncode, events(done.stdout)


def test_from_the_start_over_a_mail_to_the_stop(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail())
    poller = make_runpoller(mailbox=mailbox, endpoint=endpoint, LOG_FORMAT="json")
    poller.wait_line("Delivered webhook_id=")
    poller.stop()
    last = events(poller.output)[-1]
    assert (last["level"], last["message"]) == ("info", "Done.")


def test_what_a_single_pass_fails_for(make_runpoller: MakeRunpoller) -> None:
    once = make_runpoller("runpoller", "--once", LOG_FORMAT="json")
    assert once.wait() == 1
    last = events(once.output)[-1]
    assert last["level"] == "error"
    assert last["message"].startswith("CommandError: No mailbox is set up: set IMAP_SERVER")


@pytest.mark.parametrize("in_file", [False, True])
def test_a_wrong_setting(tmp_path: Path, in_file: bool) -> None:
    """Also where the very file with the wrong one says what the log is like."""
    file = tmp_path / "env"
    file.write_text("LOG_FORMAT=json\nIMAP_PORT=imaps\n")
    given = {"LOG_FORMAT": "json", "IMAP_PORT": "imaps"}
    wrong = {"ENV_FILE": str(file)} if in_file else given
    code, (only,) = run(tmp_path, **wrong)
    assert (code, only["level"]) == (2, "error")
    assert only["message"].startswith("Configuration error: IMAP_PORT ('imaps') is not")


def test_a_thread_that_dies(tmp_path: Path) -> None:
    code, said = run(tmp_path, DYING_THREAD)
    (died,) = [event for event in said if event["message"].startswith("The thread doomed ")]
    assert died["level"] == "error"
    assert died["traceback"].endswith("ValueError: first line\nsecond line")


@pytest.mark.parametrize(
    ("program", "last"), [(FAULTY, "ValueError: first line\nsecond line"), (WITHOUT_SETTINGS, "")]
)
def test_a_fault_that_nobody_catches(tmp_path: Path, program: str, last: str) -> None:
    code, said = run(tmp_path, program)
    assert (code, said[-1]["level"]) == (1, "error")
    assert said[-1]["message"] == "The process ends by a fault"
    assert said[-1]["traceback"].endswith(last)


def test_a_warning(tmp_path: Path) -> None:
    _, said = run(tmp_path, WARNING)
    (warned,) = [event for event in said if event["logger"] == "py.warnings"]
    assert warned["level"] == "warning"
    assert "UserWarning: first line\nsecond line" in warned["message"]
