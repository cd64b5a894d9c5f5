"""The demo as `make run` starts it: real processes, a real mailbox, real webhooks."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from pathlib import Path

from tests.environment import ROOT, child_environment

SECONDS = 120


def run(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo", "--port", "0", "--dir", str(folder / "demo"), *options]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=child_environment(folder, **variables),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )


def test_every_sample_comes_out_as_it_should(tmp_path: Path) -> None:
    """One test: a whole demo takes seconds."""
    done = run(tmp_path, "--once")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "6 of 8 mails became a webhook. Ignored, as they should be: 2." in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stdout.split()[-4:] == ["web", "stopping…", "web", "stopped"]
    assert "file-based lock" not in done.stdout
    folder = tmp_path / "demo"
    payloads = [json.loads(line) for line in (folder / "webhooks.jsonl").read_text().splitlines()]
    assert len(payloads) == 6
    assert payloads[0]["delivery_links"][0]["direct_url"].endswith("rlkey=k12&dl=1")
    assert (folder / "poller.log").read_text().endswith("Done.\n")


def test_a_second_one_is_told_in_a_line_and_fails_only_once_it_matters(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    with (tmp_path / "demo" / "running").open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        done = run(tmp_path)
        once = run(tmp_path, "--once")

    assert (done.returncode, once.returncode) == (0, 1)
    assert done.stdout == once.stdout == f"Another demo is running in {tmp_path / 'demo'}.\n"


def test_a_setting_that_is_wrong_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, IMAP_SERVER="imap.example.org", IMAP_PORT="imaps")

    assert done.returncode == 2
    assert done.stderr.startswith("Configuration error: IMAP_PORT")
    assert "Traceback" not in done.stderr
