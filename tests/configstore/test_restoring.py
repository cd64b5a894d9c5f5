"""A Redis that comes back empty, and one from which somebody took a document."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from redis import Redis

from configstore.declared import build_store
from configstore.documents import PollingConfig, WebhookConfig
from configstore.store import ConfigStore
from tests.servers.redis import RedisServer

KEY = "r:ss:config:polling_config"
HERS = '{"sender_of_interest_for_polling": ["ada@example.com"]}'


@pytest.fixture
def store(redis_and_files: str) -> ConfigStore:
    return build_store()


@pytest.fixture
def client(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


def senders(store: ConfigStore) -> tuple[str, ...]:
    return store.current(PollingConfig).document.sender_of_interest_for_polling


def test_a_redis_that_comes_back_empty_gets_its_documents_again(
    store: ConfigStore,
    client: Redis,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.set(KEY, HERS)
    client.set("r:ss:config:webhook_config", '{"absence_pause_enabled": false}')
    store.get(PollingConfig)
    store.get(WebhookConfig)
    redis_server.restart()
    caplog.set_level(logging.WARNING)
    assert senders(store) == ("ada@example.com",)
    assert store.current(WebhookConfig).raw == {"absence_pause_enabled": False}
    assert b"ada@example.com" in bytes(client.get(KEY) or b"")  # type: ignore[arg-type]
    assert "Redis came back without polling_config" in caplog.text


def test_a_process_that_starts_afterwards_puts_them_back_too(
    store: ConfigStore, client: Redis, redis_server: RedisServer
) -> None:
    client.set(KEY, HERS)
    store.get(PollingConfig)
    redis_server.restart()
    assert senders(build_store()) == ("ada@example.com",)


def test_the_last_good_one_is_newer_than_the_copy_of_a_lower_store(
    store: ConfigStore, client: Redis, redis_server: RedisServer, files: Path
) -> None:
    store.save(PollingConfig, "polling_config", {"sender_of_interest_for_polling": ["old@a.bc"]})
    client.set(KEY, HERS)
    assert senders(store) == ("ada@example.com",)
    redis_server.restart()
    assert senders(store) == ("ada@example.com",)


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_document_that_somebody_removes_is_gone(
    store: ConfigStore, client: Redis, by_hand: bool
) -> None:
    if by_hand:
        client.set(KEY, HERS)
        store.get(PollingConfig)
        client.delete(KEY)
    else:
        store.save(PollingConfig, "polling_config", {"imap_folder": "Projects"})
        store.save(PollingConfig, "polling_config", None)
    assert store.current(PollingConfig).document == PollingConfig()
    assert client.get(KEY) is None


def test_a_removed_document_stays_removed_when_redis_is_emptied(
    store: ConfigStore, client: Redis, redis_server: RedisServer
) -> None:
    store.save(PollingConfig, "polling_config", {"imap_folder": "Projects"})
    store.save(PollingConfig, "polling_config", None)
    redis_server.restart()
    assert store.current(PollingConfig).document == PollingConfig()
    assert client.get(KEY) is None


def test_what_somebody_else_put_back_first_is_not_overwritten(
    store: ConfigStore, client: Redis, redis_server: RedisServer
) -> None:
    client.set(KEY, HERS)
    store.get(PollingConfig)
    redis_server.restart()
    client.set(KEY, '{"imap_folder": "Theirs"}')
    assert store.current(PollingConfig).raw == {"imap_folder": "Theirs"}
