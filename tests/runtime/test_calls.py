from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from runtime.calls import CallFailed, Calls, StillUnderWay


class Gate:
    """A function that returns when it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self._open = threading.Event()

    def __call__(self) -> int:
        self.calls += 1
        self._open.wait(30)
        return self.calls

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


def test_an_answer_is_given() -> None:
    assert Calls[int]().begin("a", lambda: 7).wait(10) == 7


def test_nobody_waits_longer_than_he_wants(gate: Gate) -> None:
    call = Calls[int]().begin("a", gate)
    with pytest.raises(StillUnderWay):
        call.wait(0.01)
    gate.open()
    assert call.wait(10) == 1


def test_who_asks_meanwhile_shares_the_call(gate: Gate) -> None:
    calls = Calls[int]()
    first = calls.begin("a", gate)
    assert [calls.begin("a", gate) for _ in range(50)] == [first] * 50
    gate.open()
    assert (first.wait(10), gate.calls) == (1, 1)
    assert calls.begin("a", gate).wait(10) == 2


def test_different_questions_do_not_wait_for_each_other(gate: Gate) -> None:
    calls = Calls[int]()
    calls.begin("a", gate)
    assert calls.begin("b", lambda: 7).wait(10) == 7


def test_what_is_expected_is_raised_to_whoever_waits() -> None:
    def fail() -> int:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        Calls[int](OSError).begin("a", fail).wait(10)


def test_a_fault_is_in_the_log_and_ends_the_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise KeyError("x")

    with pytest.raises(CallFailed):
        Calls[int](OSError).begin("the mail", fail).wait(10)
    assert "A fault in the answer about the mail" in caplog.text


def test_it_is_known_for_how_long_the_oldest_has_not_returned(gate: Gate) -> None:
    calls = Calls[int]()
    assert calls.waited() == 0.0
    call = calls.begin("a", gate)
    time.sleep(0.01)
    calls.begin("b", lambda: 7).wait(10)
    assert calls.waited() >= 0.01
    gate.open()
    call.wait(10)
    assert calls.waited() == 0.0
