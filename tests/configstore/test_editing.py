from __future__ import annotations

import pytest
from pydantic import ValidationError

from configstore import editing
from configstore.backends.base import DocumentChanged, JSONObject
from configstore.backends.fallback import FallbackChain
from configstore.documents import PollingConfig
from configstore.keeping import Keeper
from configstore.models import Revision
from configstore.store import ConfigStore, ConfigurationUnknown
from tests.configstore.examples import Shelf
from tests.configstore.refusal import refuse_revisions

pytestmark = pytest.mark.django_db
NAME = "polling_config"


@pytest.fixture
def redis() -> Shelf:
    return Shelf("Redis")


@pytest.fixture
def store(redis: Shelf) -> ConfigStore:
    keeper = Keeper(Shelf("last good"), Shelf("pending"))
    return ConfigStore(FallbackChain([redis, Shelf("file")]), keeper, {})


def save(store: ConfigStore, raw: JSONObject | None, expected: str | None = None) -> None:
    version = store.current(PollingConfig).version if expected is None else expected
    editing.save(store, PollingConfig, NAME, raw, expected=version, author="ada", action="changed")


def test_a_save_is_in_the_history_with_both_values(store: ConfigStore) -> None:
    save(store, {"interval_seconds": 60})
    save(store, {"interval_seconds": 90})
    newest = Revision.objects.first()
    assert newest is not None
    assert (newest.document, newest.author, newest.action) == (NAME, "ada", "changed")
    assert (newest.before, newest.after) == ({"interval_seconds": 60}, {"interval_seconds": 90})
    assert (newest.stores, newest.missed) == ("Redis, file", "")


def test_the_history_says_which_store_was_away(store: ConfigStore, redis: Shelf) -> None:
    save(store, {})
    redis.away = True
    save(store, {"interval_seconds": 60})
    newest = Revision.objects.first()
    assert newest is not None
    assert (newest.stores, newest.missed) == ("file", "Redis")


def test_a_save_that_the_history_misses_is_told_without_what_the_database_quotes(
    store: ConfigStore, redis: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_revisions()
    written = editing.save(
        store, PollingConfig, NAME, {"interval_seconds": 60}, expected="", author="ada",
        action="changed",
    )  # fmt: skip
    assert (written.taken, written.in_history) == (("Redis", "file"), False)
    assert redis.documents[NAME] == {"interval_seconds": 60}
    assert "The change of polling_config by ada is not in the history: no room" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_save_of_an_old_version_is_refused_and_not_in_the_history(store: ConfigStore) -> None:
    version = store.current(PollingConfig).version
    save(store, {"interval_seconds": 60})
    with pytest.raises(DocumentChanged):
        save(store, {"interval_seconds": 90}, version)
    assert store.get(PollingConfig).interval_seconds == 60
    assert Revision.objects.count() == 1


def test_a_faulty_document_is_refused(store: ConfigStore) -> None:
    with pytest.raises(ValidationError):
        save(store, {"interval_seconds": 0})
    assert not Revision.objects.exists()


def test_a_removal_is_in_the_history(store: ConfigStore) -> None:
    save(store, {"interval_seconds": 60})
    save(store, None)
    newest = Revision.objects.first()
    assert newest is not None
    assert newest.after is None
    assert store.get(PollingConfig) == PollingConfig()


def test_an_update_starts_from_what_is_stored(store: ConfigStore, redis: Shelf) -> None:
    redis.documents[NAME] = {"interval_seconds": 60, "theirs": 1}
    editing.update(
        store, PollingConfig, NAME, lambda raw: raw | {"a": 1}, author="ada", action="changed"
    )
    assert redis.documents[NAME] == {"interval_seconds": 60, "theirs": 1, "a": 1}


def test_an_update_of_a_document_that_changes_meanwhile_is_made_again(
    store: ConfigStore, redis: Shelf
) -> None:
    others = iter([{"theirs": 1}, {"theirs": 2}])

    def change(raw: JSONObject) -> JSONObject:
        if other := next(others, None):
            redis.documents[NAME] = other
        return raw | {"ours": 1}

    editing.update(store, PollingConfig, NAME, change, author="ada", action="changed")
    assert redis.documents[NAME] == {"theirs": 2, "ours": 1}
    assert [row.before for row in Revision.objects.all()] == [{"theirs": 2}]


def test_a_faulty_document_is_not_updated(store: ConfigStore, redis: Shelf) -> None:
    store.get(PollingConfig)
    redis.documents[NAME] = {"interval_seconds": 0}
    with pytest.raises(ConfigurationUnknown, match="interval_seconds"):
        editing.update(store, PollingConfig, NAME, lambda raw: {}, author="ada", action="changed")
    assert redis.documents[NAME] == {"interval_seconds": 0}
