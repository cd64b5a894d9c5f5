"""What Redis remembers of deliveries, and what becomes of it without Redis."""

from __future__ import annotations

import logging
import time

import pytest
from django.test import override_settings
from redis import Redis

from runtime.redis import TIMEOUT_SECONDS
from tests.servers.redis import RedisServer
from webhooks.endpoints import fingerprint
from webhooks.receipts import KEPT, Receipts

HERE, ELSEWHERE = (
    fingerprint(f"https://{host}.example.com/hook") for host in ("here", "elsewhere")
)


@pytest.fixture(autouse=True)
def _redis(redis_url: str) -> object:
    with override_settings(REDIS_URL=redis_url):
        yield


def test_what_was_accepted_is_known_to_whoever_asks() -> None:
    Receipts().note([(HERE, "msg_a"), (HERE, "msg_b")])
    assert Receipts().known(HERE, ["msg_a", "msg_b", "msg_c"]) == {"msg_a", "msg_b"}


def test_another_address_has_accepted_nothing() -> None:
    Receipts().note([(HERE, "msg_a")])
    assert Receipts().known(ELSEWHERE, ["msg_a"]) == set()


def test_it_is_forgotten_after_a_week_and_tells_no_address(redis_url: str) -> None:
    Receipts().note([(HERE, "msg_a")])
    with Redis.from_url(redis_url) as client:
        (key,) = client.keys()
        assert 0 < client.ttl(key) <= KEPT.total_seconds()
    assert key.startswith(b"render_signal:delivered:")
    assert b"example.com" not in key


def test_without_redis_nothing_is_known_and_nothing_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with override_settings(REDIS_URL=""):
        Receipts().note([(HERE, "msg_a")])
        assert Receipts().known(HERE, ["msg_a"]) == set()
    assert not caplog.records


@pytest.mark.parametrize("down", ["refusing", "frozen"])
def test_a_redis_that_is_away_is_waited_for_once_and_told_once(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture, down: str
) -> None:
    receipts = Receipts()
    receipts.note([(HERE, "msg_a")])
    redis_server.stop() if down == "refusing" else redis_server.freeze()
    begun = time.monotonic()
    for _ in range(20):
        receipts.note([(HERE, "msg_b")])
        assert receipts.known(HERE, ["msg_a"]) == set()
    assert time.monotonic() - begun < 2 * TIMEOUT_SECONDS
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message.startswith("Redis cannot be asked (")


def test_a_redis_that_refuses_to_write_is_no_failure(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.config_set("maxmemory", "1")
        try:
            Receipts().note([(HERE, "msg_a")])
            assert Receipts().known(HERE, ["msg_a"]) == set()
        finally:
            client.config_set("maxmemory", "0")
