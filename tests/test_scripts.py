"""The scripts and the Makefile, in a folder that looks like a clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT, child_environment


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """With a .venv whose programs only say how they were called."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("python", "gunicorn"):
        program(tmp_path / ".venv" / "bin" / name, 'echo "$(basename "$0") $*"')
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def install(clone: Path, *said: str, code: int) -> subprocess.CompletedProcess[str]:
    """`make install` with a pip that says this."""
    lines = "\n".join(f"echo '{line}' >&2" for line in said)
    program(clone / ".venv" / "bin" / "python", f"{lines}\nexit {code}")
    return subprocess.run(
        ["make", "--no-print-directory", "install", "VENV=.venv"],
        cwd=clone,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )


def test_warnings_of_pip_are_in_its_log_alone(clone: Path) -> None:
    warning = "WARNING: Location is ignored"

    done = install(clone, "Collecting a", warning, "Successfully installed a-1 b-2", code=0)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == ["  2 packages installed"]
    assert warning in (clone / ".venv" / "pip.log").read_text().splitlines()


def test_a_pip_that_fails_is_told_with_its_errors_and_its_log(clone: Path) -> None:
    error = "ERROR: No matching distribution found for a"

    done = install(clone, "Collecting a", "WARNING: x", error, code=1)

    assert done.returncode == 2
    assert done.stdout.splitlines()[1:] == [f"  {error}"]
    assert done.stderr.startswith("pip failed; all it said is in .venv/pip.log.\n")


def test_the_web_process_starts_in_a_clone_as_it_is(clone: Path) -> None:
    done = subprocess.run(
        [clone / "scripts" / "start-web"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["python -m render_signal.serving"]


def served(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """With a gunicorn that only says what it was told."""
    program(folder / "gunicorn", 'echo "$@"')
    variables["DJANGO_SETTINGS_MODULE"] = "render_signal.settings"
    variables["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "render_signal.serving"],
        cwd=ROOT,
        env=child_environment(folder, **variables),
        capture_output=True,
        text=True,
    )


def test_what_a_file_says_of_the_web_process_counts(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PORT=8123\nWEB_CONCURRENCY=2\n")
    done = served(tmp_path, ENV_FILE=str(file))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("render_signal.wsgi:application --bind=0.0.0.0:8123 --workers=2")


def test_a_wrong_setting_of_the_web_process_is_one_sentence(tmp_path: Path) -> None:
    done = served(tmp_path, PORT="http")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Configuration error: PORT ('http') is not a whole number.")
