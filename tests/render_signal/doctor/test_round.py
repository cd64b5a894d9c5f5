"""Examinations side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from django.utils.translation import gettext

from configstore.store import ConfigurationUnknown
from render_signal.doctor.finding import Examination, Examined, Finding, Run, green
from render_signal.doctor.round import AT_ONCE, examine

# Each thread closes its connections to the database at its end; it has opened none here.
pytestmark = pytest.mark.django_db


def rounds(*runs: Run, language: str = "en", seconds: float = 5.0) -> list[Examined]:
    named = [
        Examination(name=str(number), title=str(number), run=run) for number, run in enumerate(runs)
    ]
    return list(examine(named, language, seconds))


def well() -> Iterator[Finding]:
    yield green("Fine.")


def raising(error: Exception) -> Run:
    def run() -> Iterator[Finding]:
        yield green("Begun.")
        raise error

    return run


def test_they_are_told_in_their_order() -> None:
    barrier = threading.Barrier(2, timeout=5)

    def waiting() -> Iterator[Finding]:
        barrier.wait()
        yield green("Met.")

    assert [each.name for each in rounds(waiting, waiting, well)] == ["0", "1", "2"]


def test_one_that_hangs_is_left_to_itself_with_what_it_has_found() -> None:
    done = threading.Event()

    def hanging() -> Iterator[Finding]:
        yield green("Begun.")
        done.wait(30)

    begun = time.monotonic()
    slow, quick = rounds(hanging, well, seconds=0.3)
    done.set()
    assert time.monotonic() - begun < 20
    assert [finding.level for finding in slow.findings] == ["green", "red"]
    assert slow.findings[1].sentence == "No answer within 0.3 s."
    assert [finding.level for finding in quick.findings] == ["green"]


@pytest.mark.parametrize(
    ("error", "level", "sentence"),
    [
        (DatabaseError("s3cret"), "yellow", "Not examined: the database cannot be asked."),
        (ConfigurationUnknown("no store"), "yellow", "Not examined: no store."),
        (ZeroDivisionError("a detail"), "red", "a fault of the doctor itself (ZeroDivisionError)."),
    ],
)
def test_none_raises(error: Exception, level: str, sentence: str) -> None:
    (found,) = rounds(raising(error))
    begun, failed = found.findings
    assert (begun.sentence, failed.level) == ("Begun.", level)
    assert sentence in failed.sentence
    assert "s3cret" not in failed.sentence
    assert "a detail" not in failed.sentence


def test_each_speaks_the_language_that_was_asked_for() -> None:
    def speaking() -> Iterator[Finding]:
        yield green(gettext("Settings"))

    (found,) = rounds(speaking, language="fr")
    assert found.findings[0].sentence == "Réglages"


def test_many_are_examined_in_turns() -> None:
    assert len(rounds(*[well] * (AT_ONCE * 2 + 1))) == AT_ONCE * 2 + 1
