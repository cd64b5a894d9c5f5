"""How a change comes into force, and what it must not wait for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.conf import LazySettings
from redis import Redis

from configstore import glance
from configstore.declared import build_store
from configstore.documents import PollingConfig, WebhookConfig
from configstore.store import ConfigStore, ConfigurationUnknown
from tests.servers.redis import RedisServer

KEY = "r:ss:config:polling_config"
NAME = "polling_config"


@pytest.fixture
def store(settings: LazySettings, redis_url: str, tmp_path: Path) -> ConfigStore:
    """As the settings build it with REDIS_URL."""
    settings.REDIS_URL = redis_url
    settings.CONFIG_STORE_DIR = tmp_path
    settings.CONFIG_DEFAULTS = {}
    settings.CONFIG_STORES = [
        {
            "BACKEND": "configstore.backends.redis.RedisBackend",
            "OPTIONS": {"prefix": "r:ss:config:"},
        },
        {
            "BACKEND": "configstore.backends.file.FileBackend",
            "OPTIONS": {"directory": tmp_path},
        },
    ]
    return build_store()


@pytest.fixture
def client(redis_url: str) -> Redis:
    return Redis.from_url(redis_url)


def test_what_an_operator_sets_with_redis_cli_is_read(store: ConfigStore, client: Redis) -> None:
    client.set(KEY, '{"interval_seconds": 60}')
    assert store.get(PollingConfig).interval_seconds == 60
    assert store.source(NAME) == "Redis"


def test_refreshing_sees_a_change_and_says_so(store: ConfigStore, client: Redis) -> None:
    store.watched = True
    store.get(PollingConfig)
    client.set(KEY, '{"interval_seconds": 60}')
    assert store.refresh()
    assert store.get(PollingConfig).interval_seconds == 60


def test_refreshing_without_a_change_says_so(store: ConfigStore, client: Redis) -> None:
    client.set(KEY, '{"interval_seconds": 60}')
    store.get(PollingConfig)
    client.set(KEY, '{ "interval_seconds" : 60 }')
    assert not store.refresh()


def test_a_deleted_document_is_the_defaults_again(store: ConfigStore, client: Redis) -> None:
    client.set(KEY, '{"interval_seconds": 60}')
    store.get(PollingConfig)
    client.delete(KEY)
    assert store.refresh()
    assert store.get(PollingConfig) == PollingConfig()


def test_a_watched_store_does_not_wait_for_a_frozen_redis(
    store: ConfigStore, redis_server: RedisServer
) -> None:
    store.watched = True
    store.get(PollingConfig)
    redis_server.freeze()
    time.sleep(2.1)  # older than a document that nobody watches may become
    begun = time.monotonic()
    assert store.get(PollingConfig) == PollingConfig()
    assert time.monotonic() - begun < 0.1


def test_refreshing_during_an_outage_keeps_what_is_in_force(
    store: ConfigStore, client: Redis, redis_server: RedisServer
) -> None:
    client.set(KEY, '{"enable_polling": false}')
    store.get(PollingConfig)
    redis_server.kill()
    assert not store.refresh()
    assert not store.get(PollingConfig).enable_polling


def test_what_is_saved_is_in_force_at_once(store: ConfigStore) -> None:
    store.get(PollingConfig)
    written = store.save(PollingConfig, NAME, {"interval_seconds": 60})
    assert written.taken == ("Redis", "file")
    assert store.get(PollingConfig).interval_seconds == 60


def test_what_is_saved_keeps_the_fields_of_others(store: ConfigStore, client: Redis) -> None:
    client.set(KEY, '{"interval_seconds": 60, "_updated_at": "yesterday"}')
    raw = store.current(PollingConfig).raw or {}
    store.save(PollingConfig, NAME, raw | {"interval_seconds": 90})
    assert '"_updated_at": "yesterday"' in str(client.get(KEY))


def test_what_is_saved_is_there_after_a_restart(store: ConfigStore) -> None:
    store.save(WebhookConfig, "webhook_config", {"webhook_url": "https://a.example/x"})
    assert build_store().get(WebhookConfig).webhook_url == "https://a.example/x"


def test_what_is_saved_while_redis_is_down_is_in_force_too(
    store: ConfigStore, redis_server: RedisServer
) -> None:
    store.get(PollingConfig)
    redis_server.kill()
    written = store.save(PollingConfig, NAME, {"interval_seconds": 60})
    assert (written.taken, written.missed) == (("file",), ("Redis",))
    assert store.get(PollingConfig).interval_seconds == 60


def test_what_is_saved_while_redis_is_down_is_in_force_after_a_restart_too(
    store: ConfigStore, redis_server: RedisServer
) -> None:
    store.get(PollingConfig)
    redis_server.kill()
    store.save(PollingConfig, NAME, {"interval_seconds": 60})
    assert build_store().get(PollingConfig).interval_seconds == 60


def test_half_a_character_in_a_field_of_somebody_else_is_a_fault_of_the_document(
    store: ConfigStore, client: Redis
) -> None:
    store.get(PollingConfig)
    client.set(KEY, '{"interval_seconds": 60, "_updated_by": "\\ud83d"}')
    store.refresh()
    assert NAME in store.fault(NAME)


def test_nothing_known_stays_an_error_until_redis_is_back(
    store: ConfigStore, redis_server: RedisServer
) -> None:
    redis_server.kill()
    with pytest.raises(ConfigurationUnknown):
        store.get(PollingConfig)
    redis_server.start()
    assert store.get(PollingConfig) == PollingConfig()


def commands(client: Redis) -> int:
    found: int = client.info("stats")["total_commands_processed"]
    return found


def test_refreshing_many_documents_without_a_change_is_one_question(
    store: ConfigStore, client: Redis
) -> None:
    for number in range(40):
        client.set(f"{KEY}:box-{number}", '{"interval_seconds": 60}')
        store.get(PollingConfig, f"{NAME}:box-{number}")
    store.refresh()
    before = commands(client)
    assert not store.refresh()
    assert commands(client) - before == 2  # the other one is our own


def test_a_change_of_one_document_of_many_is_seen(
    store: ConfigStore, client: Redis, tmp_path: Path
) -> None:
    names = [f"{NAME}:box-{number}" for number in range(3)]
    client.set(f"r:ss:config:{names[0]}", "{}")
    for name in names:
        store.get(PollingConfig, name)
    assert not store.refresh()
    assert not store.refresh()
    (tmp_path / f"{names[1]}.json").write_text('{"interval_seconds": 61}')
    assert store.refresh()
    assert not store.refresh()
    client.set(f"r:ss:config:{names[2]}", '{"interval_seconds": 62}')
    assert store.refresh()
    client.set(f"r:ss:config:{names[0]}", '{"interval_seconds": 60}')
    assert store.refresh()
    assert [store.get(PollingConfig, name).interval_seconds for name in names] == [60, 61, 62]


def test_a_change_during_an_outage_is_seen_after_it(
    store: ConfigStore, client: Redis, redis_server: RedisServer
) -> None:
    client.set(KEY, '{"interval_seconds": 60}')
    store.get(PollingConfig)
    assert not store.refresh()
    redis_server.kill()
    assert not store.refresh()
    redis_server.start()
    client.set(KEY, '{"interval_seconds": 61}')
    assert store.refresh()


def test_what_a_glance_overlooks_is_read_in_the_end(
    store: ConfigStore, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.set(KEY, '{"interval_seconds": 60}')
    store.get(PollingConfig)
    monkeypatch.setattr(store.chain, "glance", lambda names: (b"always the same",))
    assert not store.refresh()
    client.set(KEY, '{"interval_seconds": 61}')
    assert not store.refresh()
    monkeypatch.setattr(glance, "READ_SECONDS", 0.0)
    assert store.refresh()
