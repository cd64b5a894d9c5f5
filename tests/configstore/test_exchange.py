from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from hypothesis import example, given
from hypothesis import strategies as st

from configstore.backends.base import JSONObject
from configstore.backends.fallback import FallbackChain
from configstore.exchange import NotImportable, export, parse
from configstore.keeping import Keeper
from configstore.naming import UnknownName, checked_kind
from configstore.secrets import decrypt, encrypt, is_encrypted
from configstore.store import ConfigStore, ConfigurationUnknown
from tests.configstore.any_document import json_objects
from tests.configstore.examples import Shelf

ALL = (
    "polling_config",
    "webhook_config",
    "processing_prefs",
    "routing_rules",
    "magic_link_tokens",
)
DOCUMENTS: dict[str, JSONObject] = {
    "polling_config": {"sender_of_interest_for_polling": "a@x.fr, b@x.fr", "mine": {"é": [1]}},
    "webhook_config": {"webhook_time_start": "09h30", "webhook_url": "T0K@hook.eu2.make.com"},
    "processing_prefs": {"retry_count": 3, "_updated_at": "2026-01-18T23:40:10+00:00"},
    "routing_rules": {"rules": [{"name": "Lots", "endpoint": "sales", "colour": 7}]},
    "magic_link_tokens": {"abc": {"expires_at": 1760000000.5, "single_use": True}, "odd": 5},
}


@pytest.fixture
def redis() -> Shelf:
    shelf = Shelf("Redis")
    shelf.documents = {name: dict(document) for name, document in DOCUMENTS.items()}
    return shelf


@pytest.fixture
def store(redis: Shelf) -> ConfigStore:
    return ConfigStore(FallbackChain([redis]), Keeper(Shelf("good"), Shelf("pending")), {})


def problems(text: str | bytes, name: str = "") -> tuple[str, ...]:
    with pytest.raises(NotImportable) as refused:
        parse(text, name)
    assert str(refused.value) == "; ".join(refused.value.problems)
    return refused.value.problems


def test_what_is_exported_is_what_is_imported(store: ConfigStore) -> None:
    assert parse(export(store, ALL)) == DOCUMENTS


def test_one_document_is_exported_and_imported(store: ConfigStore) -> None:
    text = export(store, ["webhook_config"])
    expected = {"webhook_config": DOCUMENTS["webhook_config"]}
    assert json.loads(text) == parse(text) == parse(text, "webhook_config") == expected


def test_a_further_mailbox_is_exported_under_its_name(store: ConfigStore, redis: Shelf) -> None:
    redis.documents["polling_config:sales"] = {"imap_folder": "Sales"}
    text = export(store, ["polling_config:sales"])
    assert parse(text) == {"polling_config:sales": {"imap_folder": "Sales"}}


def test_what_is_not_stored_is_not_exported(store: ConfigStore, redis: Shelf) -> None:
    del redis.documents["webhook_config"]
    assert list(parse(export(store, ALL))) == [name for name in ALL if name != "webhook_config"]


def test_secrets_leave_and_come_encrypted(store: ConfigStore, redis: Shelf) -> None:
    redis.documents["polling_config"] = {"imap_password": encrypt("hunter2")}
    text = export(store, ["polling_config"])
    assert b"hunter2" not in text
    assert parse(text)["polling_config"] == redis.documents["polling_config"]


def test_a_faulty_document_is_not_exported_as_something_else(
    store: ConfigStore, redis: Shelf
) -> None:
    export(store, ALL)
    redis.documents["processing_prefs"] = {"retry_count": 99}
    with pytest.raises(ConfigurationUnknown, match="processing_prefs: retry_count"):
        export(store, ALL)


def test_an_unknown_name_is_not_exported(store: ConfigStore) -> None:
    with pytest.raises(UnknownName):
        export(store, ["polling"])


def test_a_single_document_is_taken_under_the_name_given() -> None:
    assert parse('{"retry_count": 3}', "processing_prefs") == {
        "processing_prefs": {"retry_count": 3}
    }
    assert parse("{}", "processing_prefs") == {"processing_prefs": {}}


def test_the_named_document_alone_is_taken_from_several(store: ConfigStore) -> None:
    assert list(parse(export(store, ALL), "webhook_config")) == ["webhook_config"]


@pytest.mark.parametrize("mark", ["\ufeff{}", b"\xef\xbb\xbf{}"])
def test_the_mark_that_windows_puts_first_is_endured(mark: str | bytes) -> None:
    assert parse(mark, "webhook_config") == {"webhook_config": {}}


def test_a_password_in_a_text_written_by_hand_is_encrypted() -> None:
    document = parse('{"imap_password": "hunter2"}', "polling_config")["polling_config"]
    assert document["imap_password"] != "hunter2"
    assert decrypt(document["imap_password"]) == "hunter2"


def test_broken_text_is_named_with_line_and_column() -> None:
    assert problems('{"webhook_config": {\n  "a": 1,,\n}}') == (
        "the text is not JSON: Expecting property name enclosed in double quotes "
        "in line 2, column 10",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1]", "the text holds a list, not a JSON object"),
        ("{}", "the text holds no document"),
        ('{"webhook_config": [1]}', "webhook_config: not a JSON object"),
        ('{"webhook": {}}', "'webhook' is no document; there are polling_config, "),
        (b'{"a": "\xff"}', "the text is not UTF-8"),
    ],
)
def test_what_is_no_export_is_refused(text: str | bytes, problem: str) -> None:
    assert problems(text)[0].startswith(problem)


def test_every_fault_of_every_document_is_named_without_its_value() -> None:
    text = """{"webhook_config": {"webhook_url": "s3cret", "webhook_delivery_mode": "xml"},
               "polling_config": {"timezone": "Mars"}, "processing_prefs": {"retry_count": 3}}"""
    told = problems(text)
    assert [line.split(": ")[:2] for line in told] == [
        ["webhook_config", "webhook_url"],
        ["webhook_config", "webhook_delivery_mode"],
        ["polling_config", "timezone"],
    ]
    assert "s3cret" not in str(told)


def test_a_fault_between_fields_is_one_of_the_document() -> None:
    text = '{"absence_pause_enabled": true}'
    assert problems(text, "webhook_config") == (
        "webhook_config: document: "
        "absence_pause_enabled needs at least one day in absence_pause_days",
    )


def test_another_document_than_the_one_named_is_refused(store: ConfigStore) -> None:
    text = export(store, ["webhook_config", "polling_config"])
    assert problems(text, "processing_prefs") == (
        "the text holds webhook_config, polling_config, and not processing_prefs",
    )


def test_a_password_of_another_installation_is_refused(settings: LazySettings) -> None:
    text = json.dumps({"polling_config": {"imap_password": encrypt("hunter2")}})
    settings.CONFIG_ENCRYPTION_KEYS = ["another"]
    assert problems(text)[0].startswith("polling_config: imap_password: it was encrypted")


def opened(secrets: Any) -> Any:
    """What a field of secrets says, in whatever shape; each text of it is encrypted."""
    if isinstance(secrets, dict):
        return {key: opened(secret) for key, secret in secrets.items()}
    if isinstance(secrets, list):
        return [opened(secret) for secret in secrets]
    if not isinstance(secrets, str) or not secrets:
        return secrets
    assert is_encrypted(secrets)
    return decrypt(secrets)


@given(st.sampled_from(ALL), json_objects)
@example("polling_config", {"imap_password": "0", "oauth_client_secret": "1"})
@example("polling_config", {"oauth_refresh_token": "0", "imap_user": "1"})
@example("webhook_config", {"webhook_headers": {"x-key": "0"}})
@example("webhook_config", {"webhook_signing_secrets": ["whsec_" + "A" * 32]})
def test_any_object_is_taken_as_it_is_or_its_faults_are_named(
    name: str, found: dict[str, Any]
) -> None:
    text = json.dumps({name: found}).replace("NaN", "0").replace("Infinity", "0")
    try:
        taken = parse(text)
    except NotImportable as exc:
        assert exc.problems
        assert all(each for each in exc.problems)
    else:
        fields = taken.pop(name)
        secrets = {*checked_kind(name).SECRETS} & {*fields}
        fields |= {field: opened(fields[field]) for field in secrets}
        assert (fields, taken) == (json.loads(text)[name], {})


@given(st.text() | st.binary())
def test_any_text_is_taken_or_refused(text: str | bytes) -> None:
    try:
        assert parse(text, "processing_prefs")
    except NotImportable as exc:
        assert exc.problems
