"""The database of a test: whoever uses one runs on both, as [sqlite] and as [postgres]."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from render_signal.env import Env
from render_signal.stores import database as declare
from tests.servers.alone import ALONE
from tests.servers.postgres import PostgresServer

DATABASES = ("sqlite", "postgres")
USES_DATABASE = frozenset({"db", "transactional_db", "database"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    test = metafunc.definition
    if not (test.get_closest_marker("django_db") or USES_DATABASE & set(metafunc.fixturenames)):
        return
    if "database" not in metafunc.fixturenames:
        metafunc.fixturenames.append("database")
    alone = ALONE.get(test.nodeid, ALONE.get(test.nodeid.partition("::")[0]))
    metafunc.parametrize("database", [alone] if alone else DATABASES, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which one it is: "sqlite" or "postgres"."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, database: str
) -> Iterator[None]:
    """Before the transaction begins in which a test of one thread runs."""
    if database == "sqlite":
        yield
        return
    declared = request.getfixturevalue("postgres_of_tests")
    request.getfixturevalue("postgres_server").start()
    with _connected(declared):
        yield


@pytest.fixture(scope="session")
def postgres_of_tests(postgres_server: PostgresServer, migrated_template: str) -> dict[str, Any]:
    """Settings of a database that stays empty, because nothing in it is committed."""
    postgres_server.start()
    return _settings(postgres_server.url(postgres_server.create(migrated_template)))


@pytest.fixture
def committed_database(
    request: pytest.FixtureRequest,
    database: str,
    migrated_database: Path,
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[str]:
    """Of this test alone, and what is committed is seen by all its threads: its DATABASE_URL."""
    if database == "postgres":
        url = request.getfixturevalue("postgres_url")
    else:
        path = tmp_path / "db.sqlite3"
        shutil.copy(migrated_database, path)
        url = f"sqlite:///{path}"
    with django_db_blocker.unblock(), _connected(_settings(url)):
        yield url


def _settings(url: str) -> dict[str, Any]:
    """Complete, as the product has them, but that who waits for a lock fails within seconds."""
    declared = declare(Env({"DATABASE_URL": url}), Path())
    if url.startswith("sqlite:"):
        declared["OPTIONS"]["timeout"] = 5
    return dict(ConnectionHandler({"default": declared}).settings["default"])


@contextlib.contextmanager
def _connected(declared: dict[str, Any]) -> Iterator[None]:
    """All threads get this database for a while. What is open meanwhile stays open."""
    before = connections["default"]
    with mock.patch.dict(connections.settings["default"], declared, clear=True):
        del connections["default"]
        yield
        connections["default"].close()
        connections["default"] = before
