"""The Worker's own tests, which are written in its language."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.servers.fixtures import missing
from tests.servers.worker import CLOUDFLARE, HOW, node_binary, node_environment

SECONDS = 300


def test_the_workers_own_tests(tmp_path: Path) -> None:
    node = node_binary() or missing(HOW)
    files = sorted(str(path) for path in (CLOUDFLARE / "test").glob("*.test.mjs"))
    assert files, "no test is found"
    done = subprocess.run(
        # One file after another: each starts a runtime, and others test beside us.
        [node, "--test", "--test-concurrency=1", "--test-reporter=spec", *files],
        cwd=CLOUDFLARE,
        env=node_environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)
