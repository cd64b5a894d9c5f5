"""Several pollers in one thread: crashes, lost answers, lost disks and jumps of time in an order
that a seed decides, and the guarantees after each step.

SEEDS is how many seeds are played, FROM the first of them. `python -m tests.simulation SEED` tells
the story of one.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.environment import ROOT
from tests.simulation.breakages import BREAKAGES, CLIMATES
from tests.simulation.guarantees import Broken
from tests.simulation.many import LAST, STORIES
from tests.simulation.play import play, without_collecting

SEEDS, FROM = int(os.environ.get("SEEDS") or 10_000), int(os.environ.get("FROM") or 0)
assert SEEDS > 0, "SEEDS is how many stories are played"
Record = Callable[[str, object], None]
BLOCK = 250
FINDS_WITHIN = 400
# Each has shown a fault once, of the product or of the simulation, in this climate.
KEPT = (
    (123, "begins_what_others_may_send_by_now"),
    (9, "forgets_what_was_accepted_late"),
    (14, "compares_leases_with_its_own_calendar"),
    (276, "sends_before_it_has_asked_the_mailbox"),
    (137, "does_not_hear_that_mails_have_gone"),
    (10, "believes_a_start_that_came_back"),
)


@pytest.fixture(autouse=True)
def quiet(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The databases are the simulation's own, and nobody reads the log of thousands of stories."""
    with django_db_blocker.unblock(), without_collecting():
        logging.disable(logging.CRITICAL)
        yield
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(FROM, FROM + SEEDS, BLOCK))
def test_the_guarantees_hold_after_every_step(first: int, record_property: Record) -> None:
    seed, end = first, min(first + BLOCK, FROM + SEEDS)
    try:
        for seed in range(first, end):
            hold(seed, "")
    finally:
        record_property(STORIES, seed + 1 - first)
        record_property(LAST, seed)


@pytest.mark.parametrize(("seed", "climate"), KEPT)
def test_a_seed_that_has_shown_a_fault_shows_none_any_more(seed: int, climate: str) -> None:
    hold(seed, climate)


@pytest.mark.parametrize("broken", BREAKAGES, ids=lambda broken: broken.__name__)
def test_a_known_fault_is_found(broken: Callable[[], AbstractContextManager[object]]) -> None:
    """By a seed that is well without it."""
    climate = BREAKAGES[broken]
    for seed in range(FINDS_WITHIN):
        with broken():
            fails = not holds(seed, climate)
        if fails and holds(seed, climate):
            return
    pytest.fail(f"not found within {FINDS_WITHIN} seeds")


def test_a_seed_tells_the_same_story_in_every_process() -> None:
    """Whatever its number, and the order in which it has its sets."""
    assert story("1") == story("2")


def holds(seed: int, climate: dict[str, Any]) -> bool:
    try:
        play(seed, **climate)
    except Broken:
        return False
    return True


def hold(seed: int, climate: str) -> None:
    try:
        play(seed, **CLIMATES[climate])
    except Broken as broken:
        again = f".venv/bin/python -m tests.simulation {seed} {climate}".rstrip()
        pytest.fail(f"{again}: {broken}", pytrace=False)


def story(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    stories = []
    for words in (["1"], ["2"], ["14", "compares_leases_with_its_own_calendar"]):
        command = [sys.executable, "-m", "tests.simulation", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert "from here on nothing goes wrong" in done.stdout
        stories.append(done.stdout)
    return "".join(stories)
