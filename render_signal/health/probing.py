"""How the parts are asked: by a page that has time, or within a second each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import DatabaseError, connections

from render_signal.parts import DATABASE_AWAY, FAILED, Part
from runtime.calls import CallFailed, Calls, StillUnderWay
from runtime.connections import waiting_at_most

PROBE_SECONDS = 1.0
# Whoever asks after that is told of the database anew, whatever became of the connection.
ANSWER_SECONDS = 3.0
Parts = dict[str, Part]


class Topic(NamedTuple):
    """ask answers for one or more parts; about is the one that is named where it does not."""

    about: str
    ask: Callable[[], Parts]
    silent: Part


def silent(status: str) -> Part:
    return {"status": status, "detail": f"no answer within {PROBE_SECONDS:g} s"}


# All requests of the process share what is under way.
_calls: Calls[Parts] = Calls()


def asked(topics: Iterable[Topic]) -> Parts:
    """One after the other, for whoever can wait."""
    found: Parts = {}
    for topic in topics:
        found |= _answer(topic)
    return found


def asked_in_time(topics: Iterable[Topic]) -> Parts:
    """All at once; what has not answered after a second is told as silent."""
    ends = time.monotonic() + PROBE_SECONDS
    calls = [(topic, _calls.begin(f"health {topic.about}", _own(topic))) for topic in topics]
    found: Parts = {}
    for topic, call in calls:
        try:
            found |= call.wait(ends - time.monotonic())
        except StillUnderWay:
            found[topic.about] = topic.silent
        except CallFailed:
            detail = "a fault of the relay: the log shows it"
            found[topic.about] = {"status": FAILED, "detail": detail}
    return found


def _own(topic: Topic) -> Callable[[], Parts]:
    def ask() -> Parts:
        try:
            with waiting_at_most(ANSWER_SECONDS):
                return _answer(topic)
        finally:
            connections.close_all()  # those of this thread

    return ask


def _answer(topic: Topic) -> Parts:
    """A database that is away fails every part that asks it."""
    try:
        return topic.ask()
    except DatabaseError:
        return {topic.about: DATABASE_AWAY}
