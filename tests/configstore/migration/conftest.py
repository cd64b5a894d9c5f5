"""A former application's folder, and stores in memory to move it into."""

from __future__ import annotations

from pathlib import Path

import pytest

from configstore.store import ConfigStore
from tests.configstore.examples import Shelf
from tests.configstore.moving import store_of


@pytest.fixture
def redis() -> Shelf:
    return Shelf("Redis")


@pytest.fixture
def file() -> Shelf:
    return Shelf("file")


@pytest.fixture
def debug(tmp_path: Path) -> Path:
    (tmp_path / "debug").mkdir()
    return tmp_path / "debug"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def store(redis: Shelf, file: Shelf) -> ConfigStore:
    return store_of(redis, file)
