from __future__ import annotations

import logging
from pathlib import Path

import pytest

from configstore.backends.fallback import FallbackChain
from configstore.declared import InvalidConfigStore, build_backend
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.keeping import Keeper
from configstore.store import ConfigStore, ConfigurationUnknown
from tests.configstore.examples import Shelf

NAME = "polling_config"


class World:
    """A disk, two stores, a clock, and stores of configuration that come and go."""

    def __init__(self, folder: Path) -> None:
        self.redis = Shelf("Redis")
        self.file = Shelf("file")
        self.folder = folder
        self.now = 1000.0
        self.defaults: dict[str, dict[str, object]] = {}
        self.store = self.start()

    def start(self) -> ConfigStore:
        """A new process."""
        self.store = ConfigStore(
            FallbackChain([self.redis, self.file]),
            Keeper.in_folder(self.folder),
            self.defaults,
            monotonic=lambda: self.now,
        )
        return self.store

    def put(self, **fields: object) -> None:
        self.redis.documents[NAME] = fields

    def later(self) -> PollingConfig:
        self.now += 10
        return self.store.get(PollingConfig)

    def fail(self) -> None:
        self.redis.away = self.file.away = True


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_without_a_document_the_defaults_are_in_force(world: World) -> None:
    world.defaults[NAME] = {"active_start_hour": "8"}
    assert world.store.get(PollingConfig) == PollingConfig(active_start_hour=8)
    assert world.store.source(NAME) == "defaults"


def test_a_stored_field_outranks_the_variable_and_that_outranks_the_built_in(world: World) -> None:
    world.defaults[NAME] = {"interval_seconds": "60", "timezone": "UTC"}
    world.put(timezone="Asia/Tokyo")
    config = world.store.get(PollingConfig)
    assert (config.timezone, config.interval_seconds) == ("Asia/Tokyo", 60)
    assert config.imap_folder == "INBOX"


def test_it_says_which_store_the_document_came_from(world: World) -> None:
    world.file.documents[NAME] = {}
    world.store.get(PollingConfig)
    assert world.store.source(NAME) == "file"
    assert world.store.source("webhook_config") == "not read yet"


def test_the_source_follows_a_document_that_moves(world: World) -> None:
    world.put(interval_seconds=60)
    world.store.get(PollingConfig)
    world.file.documents[NAME] = world.redis.documents.pop(NAME)
    world.later()
    assert world.store.source(NAME) == "file"


def test_a_document_is_read_again_when_it_is_old_and_not_before(world: World) -> None:
    world.store.get(PollingConfig)
    world.put(interval_seconds=60)
    assert world.store.get(PollingConfig).interval_seconds == 30
    assert world.later().interval_seconds == 60


def test_an_outage_keeps_the_last_good_document(world: World) -> None:
    world.put(enable_polling=False)
    world.store.get(PollingConfig)
    world.fail()
    assert not world.later().enable_polling
    assert world.store.source(NAME) == "last good copy"


def test_an_outage_keeps_the_last_good_document_over_a_restart(world: World) -> None:
    world.put(enable_polling=False)
    world.store.get(PollingConfig)
    world.fail()
    assert not world.start().get(PollingConfig).enable_polling
    assert world.store.source(NAME) == "last good copy"


def test_an_absence_is_remembered_over_a_restart(world: World) -> None:
    world.store.get(PollingConfig)
    world.fail()
    assert world.start().get(PollingConfig) == PollingConfig()


def test_the_variables_of_today_fill_the_last_good_document(world: World) -> None:
    world.put(enable_polling=False)
    world.store.get(PollingConfig)
    world.fail()
    world.defaults[NAME] = {"interval_seconds": "60"}
    assert world.start().get(PollingConfig).interval_seconds == 60


def test_a_lower_store_does_not_outrank_what_the_one_that_is_away_said_last(world: World) -> None:
    world.put(enable_polling=False)
    world.file.documents[NAME] = {"enable_polling": True}
    world.store.get(PollingConfig)
    world.redis.away = True
    assert not world.later().enable_polling
    assert not world.start().get(PollingConfig).enable_polling


def test_a_lower_store_answers_when_nothing_better_is_known(world: World) -> None:
    world.file.documents[NAME] = {"interval_seconds": 60}
    world.redis.away = True
    assert world.store.get(PollingConfig).interval_seconds == 60


def test_an_address_of_the_environment_is_that_of_the_default_endpoint_alone(world: World) -> None:
    world.defaults["webhook_config"] = {
        "webhook_url": "https://env.example/x", "webhook_ssl_verify": False
    }  # fmt: skip
    assert world.store.get(WebhookConfig).webhook_url == "https://env.example/x"
    further = world.store.get(WebhookConfig, "webhook_config:crm")
    assert (further.webhook_url, further.webhook_ssl_verify) == (None, True)


def test_senders_of_the_environment_are_those_of_every_mailbox(world: World) -> None:
    world.defaults[NAME] = {"sender_of_interest_for_polling": "a@example.com"}
    further = world.store.get(PollingConfig, f"{NAME}:sales")
    assert further.sender_of_interest_for_polling == ("a@example.com",)


def test_nothing_known_is_an_error_and_not_the_defaults(world: World) -> None:
    world.redis.away = True
    with pytest.raises(ConfigurationUnknown, match="polling_config cannot be read from any store"):
        world.store.get(PollingConfig)


def test_the_end_of_the_outage_is_seen(world: World) -> None:
    world.fail()
    with pytest.raises(ConfigurationUnknown):
        world.store.get(PollingConfig)
    world.redis.away = world.file.away = False
    world.put(interval_seconds=60)
    assert world.later().interval_seconds == 60


@pytest.mark.parametrize(
    "kept", ["{", "[]", '{"document": 5}', '{"document": {"timezone": 1}}', "{}"]
)
def test_a_damaged_last_good_copy_is_not_believed(world: World, kept: str) -> None:
    (world.folder / "last_good").mkdir()
    (world.folder / "last_good" / f"{NAME}.json").write_text(kept)
    world.fail()
    with pytest.raises(ConfigurationUnknown):
        world.store.get(PollingConfig)


def test_a_faulty_document_keeps_the_last_good_one_and_names_its_field(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.put(interval_seconds=60)
    world.store.get(PollingConfig)
    world.put(interval_seconds=0)
    assert [world.later().interval_seconds for _ in range(3)] == [60, 60, 60]
    assert "Redis holds a faulty polling_config: interval_seconds" in world.store.fault(NAME)
    assert caplog.messages == [
        f"{world.store.fault(NAME)}. The last good polling_config stays in force; repair it."
    ]


def test_a_faulty_document_keeps_the_last_good_one_over_a_restart(world: World) -> None:
    world.put(interval_seconds=60)
    world.store.get(PollingConfig)
    world.put(interval_seconds=0)
    assert world.start().get(PollingConfig).interval_seconds == 60


def test_a_corrupt_document_keeps_the_last_good_one(world: World) -> None:
    world.put(interval_seconds=60)
    world.store.get(PollingConfig)
    world.redis.corrupt = "Redis key x is not JSON"
    assert world.later().interval_seconds == 60
    assert world.store.fault(NAME) == "Redis key x is not JSON"


def test_a_faulty_document_and_nothing_known_is_an_error(world: World) -> None:
    world.put(interval_seconds=0)
    with pytest.raises(ConfigurationUnknown):
        world.store.get(PollingConfig)


@pytest.mark.parametrize("repaired", [{"interval_seconds": 60}, {"interval_seconds": 90}])
def test_a_repaired_document_has_no_fault(world: World, repaired: dict[str, object]) -> None:
    world.put(interval_seconds=60)
    world.store.get(PollingConfig)
    world.put(interval_seconds=0)
    world.later()
    world.put(**repaired)
    assert world.later().interval_seconds == repaired["interval_seconds"]
    assert world.store.fault(NAME) == ""


def test_a_disk_that_cannot_be_written_is_said_and_endured(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    world = World(tmp_path / "file")
    caplog.set_level(logging.WARNING)
    assert world.store.get(PollingConfig) == PollingConfig()
    assert "cannot be kept on disk" in caplog.text


def test_documents_are_kept_apart(world: World) -> None:
    world.redis.documents["webhook_config"] = {"webhook_url": "https://a.example/x"}
    assert world.store.get(WebhookConfig).webhook_url == "https://a.example/x"
    assert world.store.get(ProcessingPrefs) == ProcessingPrefs()


def test_a_backend_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidConfigStore, match="configstore.backends.nowhere.Backend"):
        build_backend({"BACKEND": "configstore.backends.nowhere.Backend"})
