"""A thing that may go wrong with a relay on one machine, and the tests that bring it about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A test is named by its file under tests/."""

    number: int
    what: str
    tests: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(f"tests/{test}" for test in self.tests)


def case(number: int, what: str, *tests: str) -> Case:
    return Case(number, what, tests)
