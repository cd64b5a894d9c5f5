from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configstore.backends.base import JSONObject, Version
from configstore.backends.fallback import FallbackChain
from configstore.keeping import Keeper
from configstore.migration import Migration, Options, Outcome
from configstore.models import Revision
from configstore.readback import RedisRequired
from configstore.secrets import is_encrypted
from configstore.sources import Api, Folder, Source
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf
from tests.configstore.test_documents_generated import json_objects

pytestmark = pytest.mark.django_db


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


def store_of(*shelves: Shelf) -> ConfigStore:
    return ConfigStore(
        FallbackChain(list(shelves)), Keeper(Shelf("last good"), Shelf("pending")), {}
    )


@pytest.fixture
def store(redis: Shelf, file: Shelf) -> ConfigStore:
    return store_of(redis, file)


def write(folder: Path, **documents: Any) -> None:
    for name, document in documents.items():
        path = folder / f"{name.replace('__', ':')}.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))


def migrate(
    store: ConfigStore, source: Source, backups: Path, *only: str, **options: bool
) -> dict[str, Outcome]:
    """What became of each document that was found."""
    outcomes = Migration(store, source, backups, Options(**options)).run(only)
    return {each.name: each for each in outcomes if not each.absent}


def test_a_further_mailbox_is_moved_and_listed(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, polling_config={"interval_seconds": 60}, polling_config__sales={"imap_port": 1})
    outcomes = migrate(store, Folder(debug), backups, verify=True)
    assert [each.good for each in outcomes.values()] == [True, True]
    assert redis.documents == {
        "polling_config": {"interval_seconds": 60, "mailboxes": ["sales"]},
        "polling_config:sales": {"imap_port": 1},
    }
    again = migrate(store, Folder(debug), backups, verify=True)
    assert [each.text for each in again.values()] == ["unchanged — verified in Redis"] * 2


@pytest.mark.parametrize("default", [None, '{"broken', {"timezone": "Mars"}])
def test_a_further_mailbox_is_listed_whatever_becomes_of_the_default_document(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path, default: Any
) -> None:
    redis.documents["polling_config"] = {"mailboxes": "support"}
    write(debug, polling_config__sales={}, **({"polling_config": default} if default else {}))
    migrate(store, Folder(debug), backups)
    assert redis.documents["polling_config"] == {"mailboxes": ["support", "sales"]}


def test_a_further_mailbox_that_is_wrong_is_not_listed(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, polling_config={}, polling_config__sales={"imap_port": 0})
    outcomes = migrate(store, Folder(debug), backups)
    assert "imap_port: Input should be" in outcomes["polling_config:sales"].text
    assert redis.documents == {"polling_config": {}}


def test_a_faulty_list_of_mailboxes_is_named(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, polling_config={"mailboxes": ["Not A Name"]}, polling_config__sales={})
    Migration(store, Folder(debug), backups, Options()).run()
    texts = [each.text for each in Migration(store, Folder(debug), backups, Options()).run()]
    assert "mailboxes.0: a name is up to 40 small letters" in texts[1]
    assert redis.documents["polling_config"] == {"mailboxes": ["sales"]}


def test_a_file_of_a_mailbox_that_cannot_be_is_named(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, polling_config__Sales={})
    outcome = migrate(store, Folder(debug), backups)["polling_config:Sales"]
    assert not outcome.good
    assert "'polling_config:Sales' is no document" in outcome.text
    assert redis.documents == {}


def test_documents_come_from_the_api(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    php = Shelf("PHP")
    php.documents = {
        "polling_config": {"mailboxes": ["sales"], "imap_password": "hunter2"},
        "polling_config:sales": {"imap_folder": "Sales"},
    }
    outcomes = migrate(store_of(redis, php), Api(php), backups, verify=True)
    assert all(each.good for each in outcomes.values())
    assert redis.documents["polling_config:sales"] == {"imap_folder": "Sales"}
    assert is_encrypted(redis.documents["polling_config"]["imap_password"])


@pytest.mark.parametrize("order", [("Redis", "PHP"), ("PHP", "Redis")])
def test_what_the_api_alone_holds_goes_to_redis(
    redis: Shelf, backups: Path, order: tuple[str, str]
) -> None:
    php = Shelf("PHP")
    php.documents = {"webhook_config": {"webhook_time_start": "09h30"}}
    shelves = {shelf.label: shelf for shelf in (redis, php)}
    store = store_of(*(shelves[label] for label in order))
    outcome = migrate(store, Api(php), backups, require_redis=True)["webhook_config"]
    assert (outcome.text, outcome.good) == (f"saved in {', '.join(order)}", True)
    assert redis.documents == php.documents


def test_an_api_that_is_away_is_named_for_each_document(store: ConfigStore, backups: Path) -> None:
    php = Shelf("PHP")
    php.away = True
    outcomes = migrate(store, Api(php), backups)
    assert len(outcomes) == 4
    assert {each.text for each in outcomes.values()} == {
        "NOT moved: the PHP API cannot be reached: gone fishing"
    }


def test_a_store_that_keeps_something_else_is_found_out(
    redis: Shelf, debug: Path, backups: Path
) -> None:
    class Forgetful(Shelf):
        def write(
            self, name: str, document: JSONObject | None, expected: Version | None = None
        ) -> None:
            super().write(name, {**(document or {}), "retry_count": 1}, expected)

    write(debug, processing_prefs={"retry_count": 5, "retry_delay_sec": 3})
    store = store_of(redis, Forgetful("PHP"))
    outcome = migrate(store, Folder(debug), backups, verify=True)["processing_prefs"]
    assert not outcome.good
    assert outcome.details == ("PHP holds retry_count: 1 instead of 5",)


def test_a_store_below_that_misses_a_save_is_told(
    store: ConfigStore, redis: Shelf, file: Shelf, debug: Path, backups: Path
) -> None:
    redis.documents["processing_prefs"] = {}
    file.away = True
    write(debug, processing_prefs={"retry_count": 5})
    first = migrate(store, Folder(debug), backups)["processing_prefs"]
    assert (first.good, first.text.partition(" (")[0]) == (False, "saved in Redis, NOT in file")
    again = migrate(store, Folder(debug), backups)["processing_prefs"]
    assert (again.good, again.text) == (False, "unchanged, but file cannot be reached")


def test_an_outage_of_all_stores_is_no_empty_configuration(
    store: ConfigStore, redis: Shelf, file: Shelf, debug: Path, backups: Path
) -> None:
    redis.away = True
    write(debug, processing_prefs={"retry_count": 5})
    outcome = migrate(store, Folder(debug), backups)["processing_prefs"]
    assert "cannot be read from any store" in outcome.text
    assert file.documents == {}


def test_redis_lost_on_the_way_is_no_reason_to_write_elsewhere(
    store: ConfigStore, redis: Shelf, file: Shelf, debug: Path, backups: Path
) -> None:
    class Ending(Folder):
        def read(self, name: str) -> Any:
            redis.away = name == "webhook_config"
            return super().read(name)

    write(debug, processing_prefs={"retry_count": 5}, webhook_config={"webhook_ssl_verify": False})
    outcomes = migrate(store, Ending(debug), backups, require_redis=True)
    assert outcomes["processing_prefs"].good
    assert "Redis cannot be reached (gone fishing)" in outcomes["webhook_config"].text
    assert "webhook_config" not in file.documents


def test_redis_that_is_away_at_the_start_is_refused(
    store: ConfigStore, redis: Shelf, file: Shelf, debug: Path, backups: Path
) -> None:
    redis.away = True
    write(debug, processing_prefs={})
    with pytest.raises(RedisRequired, match="Redis cannot be reached"):
        migrate(store, Folder(debug), backups, require_redis=True)
    assert file.documents == {}


def test_a_faulty_document_is_repaired_and_its_text_kept(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, processing_prefs={"retry_count": 5})
    migrate(store, Folder(debug), backups)
    redis.documents["processing_prefs"] = {"retry_count": 99, "theirs": 1}
    outcome = migrate(store, Folder(debug), backups)["processing_prefs"]
    assert outcome.good
    (backup,) = backups.iterdir()
    assert json.loads(backup.read_text()) == {"retry_count": 99, "theirs": 1}
    assert redis.documents["processing_prefs"] == {"retry_count": 5}


def test_what_cannot_be_backed_up_is_not_overwritten(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    redis.documents["processing_prefs"] = {"retry_count": 1}
    backups.write_text("in the way")
    write(debug, processing_prefs={"retry_count": 5})
    outcome = migrate(store, Folder(debug), backups)["processing_prefs"]
    assert "NOT moved: no backup can be kept" in outcome.text
    assert redis.documents["processing_prefs"] == {"retry_count": 1}


def test_what_somebody_saves_at_the_same_moment_stays(
    redis: Shelf, debug: Path, backups: Path
) -> None:
    class Beaten(Shelf):
        def write(
            self, name: str, document: JSONObject | None, expected: Version | None = None
        ) -> None:
            self.documents[name] = {"theirs": 1}
            super().write(name, document, expected)

    redis = Beaten("Redis")
    write(debug, processing_prefs={"retry_count": 5})
    outcome = migrate(store_of(redis), Folder(debug), backups)["processing_prefs"]
    assert "somebody changed it at the same moment" in outcome.text
    assert redis.documents["processing_prefs"] == {"theirs": 1}


def test_fields_that_do_not_go_together_with_what_is_stored_are_named(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    redis.documents["polling_config"] = {"vacation_end": "2026-08-01"}
    write(debug, polling_config={"vacation_start": "2026-09-01"})
    outcome = migrate(store, Folder(debug), backups)["polling_config"]
    assert "vacation_end is before vacation_start" in outcome.text
    assert redis.documents["polling_config"] == {"vacation_end": "2026-08-01"}


def test_the_history_has_both_states(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    redis.documents["processing_prefs"] = {"retry_count": 1}
    write(debug, processing_prefs={"retry_count": 5})
    migrate(store, Folder(debug), backups)
    migrate(store, Folder(debug), backups)
    (revision,) = Revision.objects.all()
    assert (revision.author, revision.action) == ("migrate_configs", "migrated")
    assert (revision.before, revision.after) == ({"retry_count": 1}, {"retry_count": 5})


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["polling_config", "webhook_config", "processing_prefs", "magic_link_tokens"]),
    json_objects,
    json_objects,
)
def test_any_document_is_moved_and_verified_or_its_fault_is_named(
    debug: Path, backups: Path, name: str, stored: JSONObject, incoming: JSONObject
) -> None:
    redis = Shelf("Redis")
    store = store_of(redis, Shelf("file"))
    source = Folder(debug)
    write(debug, **{name: stored})
    migrate(store, source, backups, name)
    before = json.dumps(redis.documents)
    write(debug, **{name: incoming})
    outcome = migrate(store, source, backups, name, verify=True)[name]
    if outcome.good:
        assert " — verified in Redis" in outcome.text
        assert migrate(store, source, backups, name)[name].text == "unchanged"
    else:
        assert outcome.text.startswith("NOT moved: ")
        assert json.dumps(redis.documents) == before
