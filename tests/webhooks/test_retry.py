from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.examples import NoJitter
from webhooks.retry import FAILURES_TO_OPEN, next_delay, probe_delay, schedule

STEPS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
HOUR = 3600.0


def delay(failures: int, retry_after: float | None = None) -> float | None:
    return next_delay(failures, schedule(0, 0), retry_after, NoJitter())


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    assert schedule(0, 2) == STEPS
    assert sum(schedule(0, 2)) == 75 * HOUR + 35 * 60 + 5


def test_quick_retries_come_before_the_schedule_and_do_not_shorten_it() -> None:
    assert schedule(3, 2) == (2, 2, 2, *STEPS)


def test_each_failure_takes_the_next_step() -> None:
    assert [delay(number) for number in range(1, 10)] == list(STEPS)


def test_after_the_last_step_there_is_no_next_one() -> None:
    assert delay(len(STEPS)) is not None
    assert delay(len(STEPS) + 1) is None


@given(st.integers(1, 9), st.integers())
def test_the_jitter_stays_within_a_fifth(failures: int, seed: int) -> None:
    got = next_delay(failures, schedule(0, 0), None, random.Random(seed))
    assert got is not None
    assert 0.8 * STEPS[failures - 1] <= got <= 1.2 * STEPS[failures - 1]


def test_the_jitter_spreads_both_ways() -> None:
    rng = random.Random(7)
    delays = [next_delay(2, schedule(0, 0), None, rng) or 0 for _ in range(500)]
    assert min(delays) < 260 < 340 < max(delays)
    assert 285 < mean(delays) < 315


@pytest.mark.parametrize(
    ("asked", "granted"), [(60, 60), (3600, 3600), (10**9, 3600), (float("inf"), 3600), (0, 5)]
)
def test_what_the_endpoint_asks_for_is_granted_up_to_an_hour(asked: float, granted: float) -> None:
    assert delay(1, retry_after=asked) == granted


@pytest.mark.parametrize("asked", [0.0, 10.0, 10.0**9])
def test_what_the_endpoint_asks_for_never_shortens_a_step(asked: float) -> None:
    assert delay(4, retry_after=asked) == 7200


def test_what_the_endpoint_asks_for_does_not_prolong_the_schedule() -> None:
    assert delay(10, retry_after=60) is None


def test_probes_slow_down_and_then_keep_their_pace() -> None:
    delays = [probe_delay(FAILURES_TO_OPEN + more) for more in range(6)]
    assert delays == [5, 10, 20, 30, 30, 30]
