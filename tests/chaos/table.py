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

from tests import given
from tests.chaos.case import Case
from tests.chaos.cases import CASES

# A test says with record_property(FIGURES, …) what is worth reading beside its result.
FIGURES = "figures"
# The soak says with which SEED it was made, and what became of the memory.
SEED, GROWTH = "seed", "growth"
HOLDS, FAILS, NOT_RUN = "holds", "FAILS", "not run"
SOAK = "tests/chaos/test_soak.py"


class Table:
    """A plugin of pytest."""

    def __init__(self, *, show_cases: bool) -> None:
        self._shown = CASES if show_cases else []
        self._outcomes: dict[str, Counter[str]] = {}
        self._seconds: dict[str, float] = defaultdict(float)
        self._figures: list[str] = []
        self._said: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.partition("[")[0]
        self._seconds[name] += report.duration
        if report.when == "call" or report.outcome != "passed":
            self._outcomes.setdefault(name, Counter())[report.outcome] += 1
        if report.when == "teardown":
            self._figures += [str(text) for key, text in report.user_properties if key == FIGURES]
            self._said |= {key: str(text) for key, text in report.user_properties}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        for line in self._figures:
            write(line)
        width = max((len(case.what) for case in self._shown), default=0)
        for case in self._shown:
            verdict, runs, seconds = self._verdict(case)
            what = f"{case.number:2d}  {case.what:{width}}"
            write(f"{what}  {verdict:8} {runs:4d} tests {seconds:6.0f} s")

    def words(self) -> str:
        """All of it in a sentence."""
        numbers: dict[str, list[str]] = defaultdict(list)
        for case in self._shown:
            numbers[self._verdict(case)[0]].append(str(case.number))
        rest = [
            f"{what}: {', '.join(numbers[what])}" for what in (FAILS, NOT_RUN) if what in numbers
        ]
        total = len(self._shown)
        return (
            f"Of {total} cases: {'; '.join(rest)}." if rest else f"{total} cases: each one holds."
        )

    def words_of_soak(self, ended: int, minutes: float | None) -> str:
        seed = self._said.get(SEED)
        if seed is None:
            return "Nothing was played, and nothing is proven: see above."
        again = f"make soak MINUTES={minutes:g} SEED={seed}" if minutes else "the same command"
        if ended != pytest.ExitCode.OK:
            return f"It FAILED, as said above. The same decisions once more: {again}"
        length = f"{minutes:g} min" if minutes else "20 s"
        return (
            f"{length} of everything at random (SEED={seed}): no mail was lost, none came twice "
            f"without a reason, and nothing was left behind; {self._said.get(GROWTH, '')}."
        )

    @property
    def skipped(self) -> bool:
        """Whether anything was not run: nothing is proven by that."""
        return any(outcomes["skipped"] for outcomes in self._outcomes.values())

    def _verdict(self, case: Case) -> tuple[str, int, float]:
        outcomes = [self._outcomes.get(each, Counter()) for each in case.ids]
        total = sum(outcomes, Counter())
        seconds = sum(self._seconds[each] for each in case.ids)
        if total["failed"]:
            return FAILS, total.total(), seconds
        holds = all(each["passed"] for each in outcomes) and not total["skipped"]
        return HOLDS if holds else NOT_RUN, total.total(), seconds


def main(options: Sequence[str]) -> int:
    soak = "--soak" in options
    minutes = given.number("MINUTES", whole=False)
    given.number("CYCLES")
    given.number("SEED", above=-1)
    os.environ["SOAK_MINUTES"] = os.environ.get("MINUTES", "") if soak else ""
    ids = dict.fromkeys(identifier for case in CASES for identifier in case.ids)
    chosen = [SOAK] if soak else ids
    rest = [option for option in options if option != "--soak"]
    # Those too that are marked as thorough.
    table = Table(show_cases=not soak)
    ended = pytest.main([*chosen, "-m", "", *rest], plugins=[table])
    words = table.words_of_soak(ended, minutes) if soak else table.words()
    sys.stdout.write(f"{words}\n")
    if ended == pytest.ExitCode.OK and table.skipped:
        sys.stderr.write("Something was skipped: a server is missing, as scripts/provision says\n")
        return 1
    return ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
