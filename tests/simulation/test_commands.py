"""The commands of the simulation: wrong words, and the verdict at the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT, child_environment
from tests.simulation.many import LAST, STORIES, Verdict


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=child_environment(folder, **variables),
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "the following arguments are required: SEED"),
        (["some"], "a whole number from 0 on is wanted, not 'some'"),
        (["1", "nonsense"], "argument NAME: invalid choice: 'nonsense'"),
        (["1", "renews_its_lock_blindly", "whole"], "invalid choice: 'whole'"),
    ],
)
def test_wrong_words_are_answered_by_a_sentence(
    words: list[str], says: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "tests.simulation", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"SEEDS": "many"}, "SEEDS is a whole number above 0, not 'many'."),
        ({"SEEDS": "0"}, "SEEDS is a whole number above 0, not '0'."),
        ({"FROM": "-1"}, "FROM is a whole number, and none below 0, not '-1'."),
    ],
)
def test_wrong_numbers_of_stories_are_refused(
    variables: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "tests.simulation.many", **variables)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", says)


def test_stories_end_with_a_verdict(tmp_path: Path) -> None:
    done = run(tmp_path, "tests.simulation.many", SEEDS="3", FROM="7")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "3 stories: every guarantee held."


def test_the_verdict_says_how_to_replay_what_failed() -> None:
    verdict = Verdict()
    for outcome, stories, last in (("passed", 250, 249), ("failed", 3, 252)):
        verdict.pytest_runtest_logreport(
            pytest.TestReport(
                "the test", ("", 0, ""), {}, outcome, None, "call",  # type: ignore[arg-type]  # an outcome is one of three words
                user_properties=[(STORIES, stories), (LAST, last)],
            )
        )  # fmt: skip
    assert verdict.words(pytest.ExitCode.TESTS_FAILED).splitlines() == [
        "1 of 253 stories failed. To replay each, step by step:",
        "  .venv/bin/python -m tests.simulation 252",
    ]


def test_what_was_stopped_is_no_success() -> None:
    assert "not all that were asked for" in Verdict().words(pytest.ExitCode.INTERRUPTED)
