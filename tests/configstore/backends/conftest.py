"""The stores that one suite is run over."""

from __future__ import annotations

from pathlib import Path

import pytest

from configstore.backends.fallback import FallbackChain
from tests.configstore.backends.bench import Bench, FileBench, PhpBench, RedisBench
from tests.configstore.examples import Shelf


def make_bench(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Bench:
    if kind == "file":
        return FileBench(tmp_path)
    if kind == "PHP":
        return PhpBench(request.getfixturevalue("php_api"))
    request.getfixturevalue("settings").REDIS_URL = request.getfixturevalue("redis_url")
    return RedisBench(request.getfixturevalue("redis_server"))


@pytest.fixture(params=["Redis", "file", "PHP"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return make_bench(request, tmp_path, request.param)


@pytest.fixture(params=["Redis", "file"])
def text_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Stores that keep the very text: over the API only JSON arrives at all."""
    return make_bench(request, tmp_path, request.param)


@pytest.fixture
def first() -> Shelf:
    return Shelf("Redis")


@pytest.fixture
def second() -> Shelf:
    return Shelf("file")


@pytest.fixture
def chain(first: Shelf, second: Shelf) -> FallbackChain:
    return FallbackChain([first, second])
