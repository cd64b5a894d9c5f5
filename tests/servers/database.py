"""The database as the product has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker


@pytest.fixture
def database_file(
    migrated_database: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """A file, which several threads may open. The database of other tests is in memory, where
    a waiting writer fails at once."""
    path = tmp_path / "db.sqlite3"
    shutil.copy(migrated_database, path)
    before = connections["default"]
    declared = connections.settings["default"]
    changes = {"NAME": str(path), "OPTIONS": {**declared["OPTIONS"], "timeout": 5}}
    with django_db_blocker.unblock(), mock.patch.dict(declared, changes):
        del connections["default"]
        yield path
        connections["default"].close()
        connections["default"] = before
