"""A seed, from its first step to the end of a quiet time."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import Any

from tests.simulation.events import Events
from tests.simulation.seams import simulated
from tests.simulation.story import silence
from tests.simulation.thrift import remember
from tests.simulation.world import World

QUIET_ROUNDS = 60
LONGEST_LEAP = 100.0


def play(seed: int, tell: Callable[[str], None] = silence, **climate: Any) -> World:
    """With a weather that is as climate says, and otherwise as the seed does. Raises Broken where
    a guarantee does not hold."""
    remember()
    world = World(seed, tell, climate)
    with simulated(world, seed):
        events = Events(world)
        events.begin()
        for _ in range(world.weather.turns):
            if world.rng.random() < world.weather.event:
                events.one()
            else:
                world.turn()
        world.tell("* from here on nothing goes wrong any more")
        world.weather.clear_up()
        events.end()
        _wait_for_the_end(world)
    return world


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """A third of the time of a story goes into the search for garbage, of which there is little."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def _wait_for_the_end(world: World) -> None:
    """Each unit has its turn in each round. Time leaps, ever further while nothing is done, and
    never so far that a lock would lapse, or while a request is under way."""
    left, leap = world.guarantees.unfinished(), 1.0
    for _ in range(QUIET_ROUNDS):
        if not left:
            break
        world.round()
        before, left = left, world.guarantees.unfinished()
        calm = left == before and not world.sending()
        leap = min(4 * leap, LONGEST_LEAP) if calm else 1.0
        world.clock.seconds += leap
    world.guarantees.end()
