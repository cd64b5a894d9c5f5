from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError

from polling.models import Tally
from polling.tally import TallyWriter
from runtime import counters
from runtime.counters import Counter, Histogram
from tests.environment import ROOT, child_environment

SEEN = Counter("test_seen", "For tests.", ("mailbox",))
SECONDS = Histogram("test_seconds", "For tests.", (), (1, 5))
# A process of its own, which counts for a while and writes all the time.
COUNTING = """
import django; django.setup()
from polling.tally import TallyWriter
from runtime.counters import Counter
metric, writer = Counter("test_seen", "", ("mailbox",)), TallyWriter()
for _ in range(200):
    for name in ("a", "b"):
        metric.add(mailbox=name)
    writer.write()
"""


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    counters.take()
    yield
    counters.take()


def written() -> dict[tuple[str, str], float]:
    return {(row.name, row.labels): row.value for row in Tally.objects.all()}


@pytest.mark.django_db
def test_what_was_counted_is_added_to_what_is_there() -> None:
    for writer in (TallyWriter(), TallyWriter()):
        SEEN.add(mailbox="a")
        SEEN.add(2, mailbox="b")
        writer.write()
        writer.write()
    labels = '{{"mailbox":"{}"}}'.format
    assert written() == {("test_seen", labels("a")): 2, ("test_seen", labels("b")): 4}


@pytest.mark.django_db
def test_a_histogram_counts_between_its_bounds_and_adds_up_what_it_saw() -> None:
    for seconds in (0.5, 1, 1.5, 7):
        SECONDS.observe(seconds)
    TallyWriter().write()
    assert written() == {
        ("test_seconds", '{"le":"1"}'): 2,
        ("test_seconds", '{"le":"5"}'): 1,
        ("test_seconds", '{"le":"+Inf"}'): 1,
        ("test_seconds_sum", "{}"): 10,
    }


@pytest.mark.usefixtures("committed_database")
def test_nothing_is_lost_while_the_database_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("away")

    writer = TallyWriter()
    with monkeypatch.context() as patched:
        patched.setattr(Tally.objects, "bulk_create", fail)
        SEEN.add(mailbox="a")
        writer.write()
    SEEN.add(mailbox="a")
    writer.write()
    assert written() == {("test_seen", '{"mailbox":"a"}'): 2}


@pytest.mark.django_db
def test_nothing_is_lost_when_somebody_has_emptied_the_table() -> None:
    writer = TallyWriter()
    SEEN.add(mailbox="a")
    writer.write()
    Tally.objects.all().delete()
    SEEN.add(2, mailbox="a")
    writer.write()
    assert written() == {("test_seen", '{"mailbox":"a"}'): 2}


def test_two_processes_are_added_up(tmp_path: Path, postgres_url: str) -> None:
    environment = child_environment(
        tmp_path, DATABASE_URL=postgres_url, DJANGO_SETTINGS_MODULE="render_signal.settings"
    )
    command = [sys.executable, "-c", COUNTING]
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(2)]
    assert [process.wait(120) for process in processes] == [0, 0]
    asked = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", "from polling.models import Tally;"
         "print(*Tally.objects.values_list('labels', 'value').order_by('labels'))"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert asked.stdout.strip() == """('{"mailbox":"a"}', 400.0) ('{"mailbox":"b"}', 400.0)"""
