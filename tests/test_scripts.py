"""The scripts and the Makefile, in a folder that looks like a clone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.environment import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """With a .venv whose programs only say how they were called."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("python", "gunicorn"):
        program(tmp_path / ".venv" / "bin" / name, 'echo "$(basename "$0") $*"')
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_the_web_process_starts_in_a_clone_as_it_is(clone: Path) -> None:
    done = subprocess.run(
        [clone / "scripts" / "start-web"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    migrate, serve = done.stdout.splitlines()
    assert migrate == "python manage.py migrate --no-input --verbosity 0"
    assert serve.startswith("gunicorn render_signal.wsgi:application --bind 0.0.0.0:8000")
