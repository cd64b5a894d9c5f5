"""What the web process answers while a part of the service hangs: soon, and which part it is."""

from __future__ import annotations

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from psycopg import sql

from render_signal.dead_ends import AWAY_SECONDS
from render_signal.places import PLACES
from render_signal.serving import DATABASE_SECONDS, THREADS
from tests.relay.waiting import eventually
from tests.render_signal.conftest import PASSWORD, MakeWeb
from tests.servers.fixtures import MakeProxy
from tests.servers.php import TOKEN, PhpApi
from tests.servers.postgres import PostgresServer
from tests.servers.proxy import Proxy
from tests.servers.redis import RedisServer
from tests.servers.web import Visitor, Web

# Two seconds, and what a busy machine adds to them.
SOON = 8.0


class Monitor:
    """Asks /health as a monitor does: who does not answer soon is down."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._visitor = Visitor()
        self._visitor.get(f"{web.url}/health/live")  # the first answer waits for the imports
        self.code = 0

    def parts(self, path: str = "/health") -> dict[str, Any]:
        begun = time.monotonic()
        answer = self._visitor.get(f"{self._web.url}{path}")
        assert time.monotonic() - begun < SOON
        self.code = answer.status_code
        told = json.loads(answer.text)
        return {name: part["status"] for name, part in told.get("parts", {"": told}).items()}


def test_a_frozen_redis_is_named(
    make_web: MakeWeb, redis_server: RedisServer, redis_url: str
) -> None:
    monitor = Monitor(make_web(REDIS_URL=redis_url))
    assert monitor.parts()["redis"] == "ok"
    redis_server.freeze()
    time.sleep(2.1)  # the documents have to be read again
    for _ in range(3):
        told = monitor.parts()
        assert (monitor.code, told["redis"], told["database"]) == (200, "degraded", "ok")


def test_a_login_while_redis_is_frozen_does_not_wait_for_each_thing_that_is_there(
    make_web: MakeWeb, redis_server: RedisServer, redis_url: str
) -> None:
    """It was 17 seconds, and 6 for each page."""
    web = make_web(REDIS_URL=redis_url)
    visitor = Visitor()
    visitor.get(f"{web.url}/admin/login/")
    redis_server.freeze()
    begun = time.monotonic()
    visitor.submit(f"{web.url}/admin/login/", username="ada", password=PASSWORD, next="/admin/")
    for _ in range(3):
        assert visitor.get(f"{web.url}/admin/").status_code == 200
    assert time.monotonic() - begun < 2 * SOON
    assert "Redis does not answer: sessions are read from the database" in web.log
    redis_server.thaw()
    assert visitor.get(f"{web.url}/admin/").status_code == 200


@pytest.fixture
def postgres_behind_a_proxy(
    postgres_server: PostgresServer, postgres_url: str, make_proxy: MakeProxy
) -> tuple[Proxy, str]:
    """What can stop its answers, and its URL."""
    proxy = make_proxy(postgres_server.port)
    url = postgres_url.replace(f":{postgres_server.port}/", f":{proxy.port}/")
    return proxy, url


def test_a_frozen_postgres_is_named_and_gathers_no_threads(
    make_web: MakeWeb, postgres_behind_a_proxy: tuple[Proxy, str]
) -> None:
    proxy, url = postgres_behind_a_proxy
    web = make_web(DATABASE_URL=url)
    monitor = Monitor(web)
    assert (monitor.parts()["database"], monitor.code) == ("ok", 200)
    proxy.blackhole()
    threads = []
    for _ in range(6):
        told = monitor.parts()
        assert (monitor.code, told["database"], told["deliveries"]) == (503, "failed", "failed")
        threads.append(web.threads())
    # Of its own gunicorn may begin one more; a thread for each question would be five.
    assert threads[-1] - threads[0] < 3
    assert (monitor.parts("/health/ready"), monitor.code) == ({"": "failed"}, 503)
    assert (monitor.parts("/health/live"), monitor.code) == ({"": "ok"}, 200)


def ask_for_a_page(web: Web, seconds: float) -> tuple[int, str]:
    """Its code, and after how many seconds another try is worth it. Anybody can ask, with a cookie
    that has to be looked up."""
    cookies = {"sessionid": "0123456789abcdefghijklmnopqrstuv"}
    page = f"{web.url}/admin/"
    answer = requests.get(page, cookies=cookies, timeout=seconds, allow_redirects=False)
    return answer.status_code, answer.headers.get("Retry-After", "")


def test_pages_that_wait_for_a_frozen_postgres_leave_room_for_health(
    make_web: MakeWeb, postgres_behind_a_proxy: tuple[Proxy, str]
) -> None:
    proxy, url = postgres_behind_a_proxy
    web = make_web(DATABASE_URL=url)
    monitor = Monitor(web)
    assert (monitor.parts()["database"], monitor.code) == ("ok", 200)
    proxy.blackhole()
    with ThreadPoolExecutor(2 * THREADS) as visitors:
        looks = [
            visitors.submit(ask_for_a_page, web, DATABASE_SECONDS + SOON)
            for _ in range(2 * THREADS)
        ]
        time.sleep(2.0)
        assert monitor.parts("/health/live") == {"": "ok"}
        assert monitor.parts()["database"] == "failed"
        codes = [each.result() for each in looks]
    assert codes.count((503, str(AWAY_SECONDS))) == PLACES
    assert codes.count((503, "2")) == 2 * THREADS - PLACES


def test_a_postgres_that_is_back_is_used_within_seconds(
    make_web: MakeWeb, postgres_behind_a_proxy: tuple[Proxy, str]
) -> None:
    """Though all connections to it were lost without a word: they would keep what asks by them
    until the limit of a statement."""
    proxy, url = postgres_behind_a_proxy
    web = make_web(DATABASE_URL=url)
    monitor = Monitor(web)
    with ThreadPoolExecutor(PLACES) as visitors:

        def looks() -> list[int]:
            asked = [visitors.submit(ask_for_a_page, web, 60.0) for _ in range(PLACES)]
            return [each.result()[0] for each in asked]

        # At once, so that many threads have a connection by then.
        assert looks() == [302] * PLACES
        proxy.blackhole()
        assert monitor.parts("/health/ready") == {"": "failed"}
        proxy.pass_through()
        begun = time.monotonic()
        eventually(lambda: monitor.parts("/health/ready") == {"": "ok"})
        assert looks() == [302] * PLACES
        assert time.monotonic() - begun < DATABASE_SECONDS - 1.0


def test_a_postgres_that_takes_no_connection_is_named(make_web: MakeWeb, postgres_url: str) -> None:
    monitor = Monitor(make_web(DATABASE_URL=postgres_url))
    assert monitor.parts("/health/ready") == {"": "ok"}
    address, _, name = postgres_url.rpartition("/")
    with closing(psycopg.connect(f"{address}/postgres", autocommit=True)) as operator:
        database = sql.Identifier(name)
        # A superuser, which the tests are, is let in where all places are taken.
        operator.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(database))
        assert (monitor.parts()["database"], monitor.code) == ("failed", 503)
        operator.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database))
    assert monitor.parts("/health/ready") == {"": "ok"}


def test_a_silent_php_api_is_named_and_hides_nothing(make_web: MakeWeb, php_api: PhpApi) -> None:
    monitor = Monitor(make_web(EXTERNAL_CONFIG_BASE_URL=php_api.base_url, CONFIG_API_TOKEN=TOKEN))
    assert monitor.parts()["configuration"] == "ok"
    before = monitor.parts()
    php_api.freeze()
    time.sleep(2.1)  # the documents have to be read again
    for _ in range(3):
        told = monitor.parts()
        assert told == before | {"configuration": "degraded"}


def test_a_php_api_that_is_silent_from_the_beginning_hangs_nothing(
    make_web: MakeWeb, php_api: PhpApi
) -> None:
    php_api.freeze()
    monitor = Monitor(make_web(EXTERNAL_CONFIG_BASE_URL=php_api.base_url, CONFIG_API_TOKEN=TOKEN))
    told = monitor.parts()
    assert (told["database"], told["configuration"]) == ("ok", "degraded")


def test_a_sqlite_file_that_somebody_keeps_locked_is_named(
    make_web: MakeWeb, tmp_path: Path
) -> None:
    monitor = Monitor(make_web())
    assert monitor.parts("/health/ready") == {"": "ok"}
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        told = monitor.parts()
        assert (monitor.code, told["database"]) == (503, "failed")


def test_a_page_does_not_wait_for_a_frozen_postgres_without_end(
    make_web: MakeWeb, postgres_behind_a_proxy: tuple[Proxy, str]
) -> None:
    """It did until the connection ended, which one to a server that stands still never does."""
    proxy, url = postgres_behind_a_proxy
    web = make_web(DATABASE_URL=url)
    with ThreadPoolExecutor(PLACES) as visitors:

        def codes(seconds: float) -> list[tuple[int, str]]:
            looks = [visitors.submit(ask_for_a_page, web, seconds) for _ in range(PLACES)]
            return [each.result() for each in looks]

        # At once, so that many threads have a connection by then.
        assert codes(SOON) == [(302, "")] * PLACES
        proxy.blackhole()
        assert codes(DATABASE_SECONDS + 2 * SOON) == [(503, str(AWAY_SECONDS))] * PLACES
