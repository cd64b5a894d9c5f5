"""Plays SEEDS stories, from the seed FROM on, and ends with a verdict in words: `make simulate`.

`python -m tests.simulation.many [OPTION…]`, with the options of pytest.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from tests import given

TEST = "tests/simulation/test_simulation.py::test_the_guarantees_hold_after_every_step"
# With record_property a test says how many stories it has played, and which was the last of them:
# the one that failed, where the test did.
STORIES, LAST = "stories", "last seed"


class Verdict:
    """A plugin of pytest."""

    def __init__(self) -> None:
        self._stories = 0
        self._failed: list[int] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        said = {key: int(str(value)) for key, value in report.user_properties}
        self._stories += said.get(STORIES, 0)
        if report.failed and LAST in said:
            self._failed.append(said[LAST])

    def words(self, ended: int) -> str:
        if self._failed:
            replays = [f"  .venv/bin/python -m tests.simulation {seed}" for seed in self._failed]
            count = f"{len(self._failed)} of {_stories(self._stories)}"
            return "\n".join([f"{count} failed. To replay each, step by step:", *replays])
        if ended != pytest.ExitCode.OK:
            return f"{_stories(self._stories)} played, and not all that were asked for: see above."
        return f"{_stories(self._stories)}: every guarantee held."


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"


def main(options: Sequence[str]) -> int:
    given.number("SEEDS")
    given.number("FROM", above=-1)
    verdict = Verdict()
    ended = pytest.main([TEST, *options], plugins=[verdict])
    sys.stdout.write(f"{verdict.words(ended)}\n")
    return ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
