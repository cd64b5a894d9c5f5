"""What a page says that a fault or the database keeps from being made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from polling.models import KnownTerm
from render_signal import dead_ends
from tests.render_signal.titles import said

# What waits for a lock, and how long.
IMPATIENT = {"sqlite": {"timeout": 0.3}, "postgres": {"options": "-c lock_timeout=300"}}
READ_ONLY = {
    "sqlite": {"init_command": "PRAGMA query_only=1"},
    "postgres": {"options": "-c default_transaction_read_only=on"},
}
SLOW = {"options": "-c statement_timeout=300"}
SESSION = "0123456789abcdefghijklmnopqrstuv"


def fails(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def asks_nonsense(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    return HttpResponse()


def writes(request: HttpRequest) -> HttpResponse:
    KnownTerm.objects.create(mailbox="default")
    return HttpResponse()


urlpatterns = [
    path("fails", fails),
    path("asks", asks_nonsense),
    path("writes", writes),
    path("", include("render_signal.urls")),
]
handler404, handler500 = dead_ends.page_not_found, dead_ends.server_error

Ask = Callable[..., Any]
languages = pytest.mark.parametrize("language", ["en", "fr"])


@pytest.fixture
def ask(settings: LazySettings) -> Ask:
    """As somebody whose session has to be looked up."""
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = SESSION
    return lambda page, language="en": client.get(page, headers={"accept-language": language})


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody keeps everybody else out."""
    other: sqlite3.Connection | psycopg.Connection
    if url.startswith("sqlite:"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
    else:
        other = psycopg.connect(url)
        other.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
    with closing(other):
        yield
        other.rollback()


@languages
def test_a_fault_of_ours_is_told_as_one(ask: Ask, language: str) -> None:
    answer = ask("/fails", language)
    assert answer.status_code == 500
    assert said("A fault of the relay", language) in answer.content.decode()
    assert "Retry-After" not in answer


@languages
def test_a_database_that_keeps_us_out_is_told_and_is_no_error_of_ours(
    ask: Ask,
    committed_database: str,
    database: str,
    language: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    connections.settings["default"]["OPTIONS"] |= IMPATIENT[database]
    with locked(committed_database):
        answer = ask("/admin/", language)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert said("The database cannot be used at the moment", language) in page
    assert f'<html lang="{language}"' in page
    assert "no-store" in answer["Cache-Control"]
    (record,) = (record for record in caplog.records if record.name.startswith("render_signal"))
    assert record.getMessage().startswith("Page not made, the database failed path=/admin/: ")
    assert SESSION not in record.getMessage()
    assert not [record for record in caplog.records if record.name == "django.request"]
    assert ask("/admin/").status_code == 302


def test_nobody_is_looked_up_to_be_told_that_nothing_is_there(
    ask: Ask, committed_database: str, database: str
) -> None:
    connections.settings["default"]["OPTIONS"] |= IMPATIENT[database]
    with locked(committed_database):
        assert ask("/nowhere").status_code == 404


@languages
def test_a_page_that_asks_for_too_much_is_told(
    ask: Ask, committed_database: str, language: str
) -> None:
    connections.settings["default"]["OPTIONS"] |= SLOW
    with locked(committed_database):
        answer = ask("/admin/", language)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert said("The database takes too long", language) in answer.content.decode()


@pytest.mark.usefixtures("committed_database")
def test_a_database_that_takes_no_writes_is_no_fault_of_ours(ask: Ask, database: str) -> None:
    connections.settings["default"]["OPTIONS"] |= READ_ONLY[database]
    answer = ask("/writes")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("broken", ["no database", "damaged"])
def test_a_file_that_is_broken_is_no_fault_of_ours(
    ask: Ask, committed_database: str, broken: str
) -> None:
    file = Path(committed_database.removeprefix("sqlite:///"))
    content = file.read_bytes()
    header = content[:100] if broken == "damaged" else b""
    file.write_bytes(header + b"x" * (len(content) - len(header)))
    answer = ask("/admin/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.django_db
def test_a_question_that_the_database_does_not_understand_is_a_fault_of_ours(
    ask: Ask,
) -> None:
    assert ask("/asks").status_code == 500
