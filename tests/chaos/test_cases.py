"""Every case of the list has a test that exists."""

from __future__ import annotations

import subprocess
import sys

from tests.chaos.cases import CASES
from tests.environment import ROOT


def test_the_numbers_are_all_there() -> None:
    assert [case.number for case in CASES] == list(range(1, 45))
    assert all(case.tests and case.what for case in CASES)


def test_each_case_has_tests_that_are_collected() -> None:
    wanted = sorted({identifier for case in CASES for identifier in case.ids})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *wanted], cwd=ROOT, capture_output=True, text=True)
    found = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert (done.returncode, sorted(set(wanted) - found)) == (0, []), done.stderr
