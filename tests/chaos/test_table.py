"""The verdict in words of `make chaos` and `make soak`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests.chaos.cases import CASES
from tests.chaos.table import GROWTH, SEED, Table
from tests.environment import ROOT, child_environment


def report(
    test: str, outcome: Literal["passed", "failed", "skipped"], **said: object
) -> pytest.TestReport:
    return pytest.TestReport(
        test, ("", 0, ""), {}, outcome, None, "call", user_properties=[*said.items()]
    )


@pytest.mark.parametrize("options", [[], ["--soak"]])
@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"MINUTES": "abc"}, "MINUTES is a number above 0, not 'abc'."),
        ({"MINUTES": "0"}, "MINUTES is a number above 0, not '0'."),
        ({"SEED": "x"}, "SEED is a whole number, and none below 0, not 'x'."),
        ({"CYCLES": "1.5"}, "CYCLES is a whole number above 0, not '1.5'."),
    ],
)
def test_wrong_numbers_are_refused(
    options: list[str], variables: dict[str, str], says: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.table", *options],
        cwd=ROOT,
        env=child_environment(tmp_path, **variables),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", says)


def test_cases_end_with_a_sentence() -> None:
    table = Table(show_cases=True)
    for name in {name for case in CASES for name in case.ids}:
        table.pytest_runtest_logreport(report(name, "passed"))
    assert table.words() == f"{len(CASES)} cases: each one holds."

    lost, left = CASES[0].ids[0], CASES[-1].ids[0]
    table.pytest_runtest_logreport(report(lost, "failed"))
    table.pytest_runtest_logreport(report(left, "skipped"))
    fail = [str(case.number) for case in CASES if lost in case.ids]
    unknown = [str(case.number) for case in CASES if left in case.ids and lost not in case.ids]
    lists = f"FAILS: {', '.join(fail)}; not run: {', '.join(unknown)}"
    assert table.words() == f"Of {len(CASES)} cases: {lists}."


def test_a_soak_ends_with_a_sentence_and_its_seed() -> None:
    table = Table(show_cases=False)
    assert "nothing is proven" in table.words_of_soak(pytest.ExitCode.OK, 1)

    table.pytest_runtest_logreport(ended := report("soak", "passed", **{SEED: 7, GROWTH: "still"}))
    ended.when = "teardown"
    table.pytest_runtest_logreport(ended)

    assert table.words_of_soak(pytest.ExitCode.OK, 1).startswith(
        "1 min of everything at random (SE"
    )
    assert table.words_of_soak(pytest.ExitCode.OK, 1).endswith("nothing was left behind; still.")
    failed = table.words_of_soak(pytest.ExitCode.TESTS_FAILED, 0.5)
    assert failed.endswith("make soak MINUTES=0.5 SEED=7")
