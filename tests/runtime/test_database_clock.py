"""One clock for all who share a database, whatever their own calendars say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dj_database_url
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.utils import ConnectionHandler
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from runtime import database_clock
from runtime.database_clock import DatabaseClock

A_DAY = timedelta(days=1)


@pytest.fixture
def postgres(postgres_url: str, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    handler = ConnectionHandler({"default": dj_database_url.parse(postgres_url)})
    wrapper: BaseDatabaseWrapper = handler["default"]
    assert isinstance(wrapper, DatabaseWrapper)
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()


@pytest.fixture
def _ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + A_DAY)


@pytest.mark.usefixtures("_ahead")
def test_a_postgres_says_what_time_it_is(
    postgres: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_clock, "connection", postgres)
    clock = DatabaseClock()
    for moment in (clock.now(), clock.known()):
        assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.usefixtures("_ahead")
def test_before_it_was_asked_the_calendar_has_to_do() -> None:
    assert DatabaseClock().known() - datetime.now(UTC) > A_DAY / 2


@pytest.mark.usefixtures("_ahead")
def test_it_goes_on_without_being_asked_each_time(
    postgres: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_clock, "connection", postgres)
    boot = 1000.0
    monkeypatch.setattr(database_clock, "boot_time", lambda: boot)
    clock = DatabaseClock()
    first = clock.now()
    postgres.close()
    boot += 20
    assert clock.now() - first == timedelta(seconds=20)
    assert postgres.connection is None
    boot += 20
    clock.now()
    assert postgres.connection is not None
