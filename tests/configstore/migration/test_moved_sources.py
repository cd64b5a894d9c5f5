from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from configstore.migration import Migration, Options
from configstore.secrets import decrypt, is_encrypted
from configstore.sources import Api, Folder
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf
from tests.configstore.moving import migrate, store_of, write

pytestmark = pytest.mark.django_db


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


def test_a_further_endpoint_is_moved_with_its_secrets_encrypted_and_listed(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    secret = "whsec_" + "A" * 43 + "="
    crm = {"webhook_headers": {"x-key": "one"}, "webhook_signing_secrets": [secret]}
    write(debug, webhook_config__crm=crm, polling_config__sales={})
    migrate(store, Folder(debug), backups)
    assert redis.documents["webhook_config"] == {"endpoints": ["crm"]}
    assert redis.documents["polling_config"] == {"mailboxes": ["sales"]}
    stored = redis.documents["webhook_config:crm"]
    assert decrypt(stored["webhook_headers"]["x-key"]) == "one"
    assert decrypt(stored["webhook_signing_secrets"][0]) == secret
    assert "one" not in str(stored)
    again = migrate(store, Folder(debug), backups, verify=True)
    assert again["webhook_config:crm"].text == "unchanged — verified in Redis"


def test_a_secret_that_is_none_is_named_before_it_is_encrypted(
    store: ConfigStore, redis: Shelf, debug: Path, backups: Path
) -> None:
    write(debug, webhook_config={"webhook_signing_secrets": ["hunter2"]})
    outcome = migrate(store, Folder(debug), backups)["webhook_config"]
    assert "webhook_signing_secrets.0: a signing secret is whsec_" in outcome.text
    assert "hunter2" not in outcome.text
    assert redis.documents == {}


def test_the_list_of_endpoints_comes_from_the_api(
    store: ConfigStore, redis: Shelf, backups: Path
) -> None:
    php = Shelf("PHP")
    php.documents = {"webhook_config": {"endpoints": ["crm"]}, "webhook_config:crm": {}}
    migrate(store_of(redis, php), Api(php), backups, verify=True)
    assert redis.documents == php.documents


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
    assert len(outcomes) == 5
    assert {each.text for each in outcomes.values()} == {
        "NOT moved: the PHP API cannot be reached: gone fishing"
    }
