"""Runs the tests of all cases and says, by number, which case holds.

`python -m tests.chaos.table [--soak] [OPTION…]`, with the options of pytest. --soak: only
everything at random, for MINUTES. Otherwise that is as short as in `make test`, and MINUTES are
those of the pollers that fall over many mailboxes.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from tests.chaos.case import Case
from tests.chaos.cases import CASES

# A test says with record_property(FIGURES, …) what is worth reading beside its result.
FIGURES = "figures"
SOAK = "tests/chaos/test_soak.py"


class Table:
    """A plugin of pytest."""

    def __init__(self, *, show_cases: bool) -> None:
        self._shown = CASES if show_cases else []
        self._outcomes: dict[str, Counter[str]] = {}
        self._seconds: dict[str, float] = defaultdict(float)
        self._figures: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("[")[0]
        self._seconds[name] += report.duration
        if report.when == "call" or report.outcome != "passed":
            self._outcomes.setdefault(name, Counter())[report.outcome] += 1
        if report.when == "teardown":
            self._figures += [str(text) for key, text in report.user_properties if key == FIGURES]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        for line in self._figures:
            write(line)
        width = max((len(case.what) for case in self._shown), default=0)
        for case in self._shown:
            verdict, runs, seconds = self._verdict(case)
            what = f"{case.number:2d}  {case.what:{width}}"
            write(f"{what}  {verdict:8} {runs:4d} tests {seconds:6.0f} s")

    @property
    def skipped(self) -> bool:
        """Whether anything was not run: nothing is proven by that."""
        return any(outcomes["skipped"] for outcomes in self._outcomes.values())

    def _verdict(self, case: Case) -> tuple[str, int, float]:
        outcomes = [self._outcomes.get(each, Counter()) for each in case.ids]
        total = sum(outcomes, Counter())
        seconds = sum(self._seconds[each] for each in case.ids)
        if total["failed"]:
            return "FAILS", total.total(), seconds
        holds = all(each["passed"] for each in outcomes) and not total["skipped"]
        return "holds" if holds else "not run", total.total(), seconds


def main(options: Sequence[str]) -> int:
    soak = "--soak" in options
    os.environ["SOAK_MINUTES"] = os.environ.get("MINUTES", "") if soak else ""
    ids = dict.fromkeys(identifier for case in CASES for identifier in case.ids)
    chosen = [SOAK] if soak else ids
    rest = [option for option in options if option != "--soak"]
    # Those too that are marked as thorough.
    table = Table(show_cases=not soak)
    ended = pytest.main([*chosen, "-m", "", *rest], plugins=[table])
    if ended == pytest.ExitCode.OK and table.skipped:
        sys.stderr.write("Something was skipped: a server is missing, as scripts/provision says\n")
        return 1
    return ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
