"""How many threads send at once to endpoints that are quick, and to one that is not."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from webhooks import turns
from webhooks.turns import FEW, Turns

THREADS = 8


def most_at_once(waiting: Turns, seconds: float, times: int) -> int:
    """Of this many threads, each of which takes so many turns of so many seconds."""
    lock, inside, most = threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal inside, most
        for _ in range(times):
            with waiting.turn():
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(seconds)
                with lock:
                    inside -= 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return most


def test_where_answers_come_at_once_few_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 30.0)
    assert most_at_once(Turns(), 0.002, 5) == FEW


def test_where_answers_take_long_all_send() -> None:
    assert most_at_once(Turns(), 0.5, 1) == THREADS


def test_after_a_while_it_is_tried_with_few_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "ALL_SECONDS", 0.3)
    waiting = Turns()
    assert most_at_once(waiting, 0.2, 1) == THREADS
    time.sleep(0.3)
    monkeypatch.setattr(turns, "TURN_SECONDS", 30.0)
    assert most_at_once(waiting, 0.002, 5) == FEW


def test_a_turn_ends_with_an_error() -> None:
    waiting = Turns()
    for _ in range(FEW + 1):
        with pytest.raises(ValueError, match="x"), waiting.turn():
            raise ValueError("x")
    begun = time.monotonic()
    with waiting.turn():
        assert time.monotonic() - begun < turns.TURN_SECONDS
