from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from redis import Redis

from tests.environment import ROOT, child_environment
from tests.servers.browser import HOW, Person, chromium, chromium_binary
from tests.servers.fixtures import missing
from tests.servers.web import Web

NAME, PASSWORD = "ada", "correct horse battery"
PREFIX = "r:ss:config:"


@pytest.fixture
def chrome() -> Iterator[Browser]:
    binary = chromium_binary() or missing(HOW)
    with chromium(binary) as browser:
        yield browser


@pytest.fixture
def web(tmp_path: Path, redis_url: str) -> Iterator[Web]:
    web = Web(
        tmp_path,
        {"REDIS_URL": redis_url, "DASHBOARD_USER": NAME, "DASHBOARD_PASSWORD": PASSWORD},
    )
    yield web
    web.stop()


@pytest.fixture
def person(chrome: Browser, web: Web) -> Iterator[Callable[[], Person]]:
    """People who are logged in, each with a browser of their own."""
    people: list[Person] = []

    def enter() -> Person:
        somebody = Person(chrome, web.url)
        people.append(somebody)
        somebody.log_in(NAME, PASSWORD)
        return somebody

    yield enter
    assert [fault for somebody in people for fault in somebody.faults] == []


@pytest.fixture
def stored(redis_url: str) -> Callable[[str], Any]:
    """What is in Redis, as `redis-cli GET` shows it."""

    def read(name: str) -> Any:
        with Redis.from_url(redis_url) as client:
            text = client.get(PREFIX + name)
        return None if text is None else json.loads(text)

    return read


@pytest.fixture
def beside(web: Web, tmp_path: Path) -> Callable[..., None]:
    """Run a module of the tests on the database of the web process."""

    def run(module: str, *arguments: str) -> None:
        environment = child_environment(tmp_path, DJANGO_SETTINGS_MODULE="render_signal.settings")
        command = [sys.executable, "-m", module, *arguments]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)

    return run


@pytest.fixture
def filled(beside: Callable[..., None]) -> None:
    beside("tests.browser.seed")
