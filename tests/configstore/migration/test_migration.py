from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configstore.backends.base import JSONObject, Version
from configstore.models import Revision
from configstore.readback import RedisRequired
from configstore.sources import Folder
from configstore.store import ConfigStore
from tests.configstore.any_document import json_objects
from tests.configstore.examples import Shelf
from tests.configstore.moving import migrate, store_of, write

pytestmark = pytest.mark.django_db


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


def test_redis_with_a_broken_document_is_there_all_the_same(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    redis.corrupt = "broken in line 1"
    write(debug, processing_prefs={})
    outcome = migrate(store, Folder(debug), backups, require_redis=True)["processing_prefs"]
    assert outcome.text.startswith("NOT moved: broken in line 1, and no good processing_prefs")


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


@pytest.mark.parametrize("dry_run", [True, False])
def test_fields_that_do_not_go_together_with_what_is_stored_are_named(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path, dry_run: bool
) -> None:
    redis.documents["polling_config"] = {"vacation_end": "2026-08-01"}
    write(debug, polling_config={"vacation_start": "2026-09-01"})
    outcome = migrate(store, Folder(debug), backups, dry_run=dry_run)["polling_config"]
    assert "vacation_end is before vacation_start" in outcome.text
    assert redis.documents["polling_config"] == {"vacation_end": "2026-08-01"}


def test_whatever_is_nested_deeply_is_moved_or_named(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    seen = set()
    for depth in (50, 98, 99, 100, 101, 400, 700, 990, 100_000):
        write(debug, processing_prefs=f'{{"x": {"[" * depth}1{"]" * depth}}}')
        outcome = migrate(store, Folder(debug), backups)["processing_prefs"]
        assert outcome.good or outcome.text.endswith("is nested too deeply")
        seen.add(outcome.good)
    assert seen == {True, False}


def test_of_many_changes_a_few_are_named(store: ConfigStore, debug: Path, backups: Path) -> None:
    write(debug, magic_link_tokens={f"link{n}": {} for n in range(30)})
    text = migrate(store, Folder(debug), backups)["magic_link_tokens"].text
    assert text.endswith("link6, link7 and 22 more")


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
