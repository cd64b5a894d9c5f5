from __future__ import annotations

import pytest
from redis import ConnectionError, TimeoutError

from runtime.redis_cache import LEFT_ALONE_SECONDS, Gate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(clock)


def time_out(gate: Gate) -> None:
    with pytest.raises(TimeoutError), gate.passed():
        raise TimeoutError


def refused(gate: Gate) -> bool:
    try:
        with gate.passed():
            return False
    except ConnectionError:
        return True


def test_it_is_open_as_long_as_redis_answers(gate: Gate) -> None:
    assert [refused(gate) for _ in range(3)] == [False] * 3


def test_who_comes_after_a_time_limit_does_not_wait_again(gate: Gate, clock: Clock) -> None:
    time_out(gate)
    assert refused(gate)
    clock.now = LEFT_ALONE_SECONDS - 0.1
    assert refused(gate)


def test_then_one_tries_and_opens_it_for_all(gate: Gate, clock: Clock) -> None:
    time_out(gate)
    clock.now = LEFT_ALONE_SECONDS
    with gate.passed():
        assert refused(gate)
    assert not refused(gate)


def test_or_keeps_it_shut(gate: Gate, clock: Clock) -> None:
    time_out(gate)
    clock.now = LEFT_ALONE_SECONDS
    time_out(gate)
    assert refused(gate)


def test_a_refusal_costs_nothing_and_shuts_nothing(gate: Gate) -> None:
    for _ in range(2):
        with pytest.raises(ConnectionError), gate.passed():
            raise ConnectionError
    assert not refused(gate)


def test_it_is_said_once_and_when_it_is_over(
    gate: Gate, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(2):
        time_out(gate)
        clock.now += LEFT_ALONE_SECONDS
    assert not refused(gate)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
