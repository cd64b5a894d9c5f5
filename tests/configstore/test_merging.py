from __future__ import annotations

import pytest
from django.conf import LazySettings

from configstore.backends.base import JSONObject
from configstore.documents import MagicLinkTokens, PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.merging import kept, listed_names, merged, sealed
from configstore.secrets import SecretUnreadable, decrypt, encrypt, is_encrypted


@pytest.mark.parametrize("name", PollingConfig.SECRETS)
def test_each_secret_of_a_mailbox_is_encrypted_on_the_way_in(name: str) -> None:
    document = merged(PollingConfig, None, {name: "hunter2"})
    assert decrypt(document[name]) == "hunter2" != document[name]


def test_what_comes_in_wins_and_the_rest_stays() -> None:
    stored = {"interval_seconds": 60, "imap_host": "imap.example.com", "theirs": 1}
    incoming = {"interval_seconds": 90, "unknown": [1]}
    assert merged(PollingConfig, stored, incoming) == {
        "interval_seconds": 90,
        "imap_host": "imap.example.com",
        "theirs": 1,
        "unknown": [1],
    }


def test_nothing_stored_is_an_empty_document() -> None:
    assert merged(ProcessingPrefs, None, {"retry_count": 1}) == {"retry_count": 1}


def test_what_means_the_same_stays_to_the_letter() -> None:
    stored: JSONObject = {"sender_priority": {}, "retry_count": 1}
    assert merged(ProcessingPrefs, stored, {"sender_priority": [], "retry_count": 1.0}) == stored
    assert repr(merged(ProcessingPrefs, stored, {"retry_count": 1.0})) == repr(stored)


def test_a_password_is_encrypted() -> None:
    document = merged(PollingConfig, None, {"imap_password": "hunter2"})
    assert is_encrypted(document["imap_password"])
    assert decrypt(document["imap_password"]) == "hunter2"


@pytest.mark.parametrize("incoming", ["hunter2", encrypt("hunter2")])
def test_the_same_password_is_not_encrypted_anew(incoming: str) -> None:
    stored = {"imap_password": encrypt("hunter2")}
    assert merged(PollingConfig, stored, {"imap_password": incoming}) == stored


def test_another_password_replaces_the_stored_one() -> None:
    stored = {"imap_password": encrypt("hunter2")}
    document = merged(PollingConfig, stored, {"imap_password": "hunter3"})
    assert decrypt(document["imap_password"]) == "hunter3"


def test_a_password_that_was_stored_by_hand_is_encrypted_at_last() -> None:
    stored = {"imap_password": "hunter2"}
    assert is_encrypted(merged(PollingConfig, stored, stored)["imap_password"])


def test_a_stored_password_that_nobody_can_read_is_replaced(settings: LazySettings) -> None:
    stored = {"imap_password": encrypt("hunter2")}
    settings.CONFIG_ENCRYPTION_KEYS = ["another"]
    document = merged(PollingConfig, stored, {"imap_password": "hunter2"})
    assert decrypt(document["imap_password"]) == "hunter2"


def test_a_password_of_another_installation_is_refused(settings: LazySettings) -> None:
    foreign = {"imap_password": encrypt("hunter2")}
    settings.CONFIG_ENCRYPTION_KEYS = ["another"]
    with pytest.raises(SecretUnreadable, match="^imap_password: .*another key"):
        sealed(PollingConfig, foreign)


@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_what_is_no_password_is_left_to_validation(value: object) -> None:
    assert sealed(PollingConfig, {"imap_password": value}) == {"imap_password": value}


@pytest.mark.parametrize(
    ("stored", "incoming", "listed"),
    [
        (["sales"], ["support"], ["sales", "support"]),
        ("sales, support", ["support"], "sales, support"),
        (["sales"], [], ["sales"]),
        (None, "sales", "sales"),
        ([], [], []),
        (["sales"], ["No Name"], ["No Name"]),
    ],
)
def test_mailboxes_are_added_and_never_taken_away(
    stored: object, incoming: object, listed: object
) -> None:
    document = merged(PollingConfig, {"mailboxes": stored}, {"mailboxes": incoming})
    assert document["mailboxes"] == listed


@pytest.mark.parametrize(
    ("document", "names"),
    [
        (None, ()),
        ({}, ()),
        ({"mailboxes": "a, b"}, ("a", "b")),
        ({"mailboxes": ["a"]}, ("a",)),
        ({"mailboxes": ["A"]}, ()),
        ({"mailboxes": 5}, ()),
    ],
)
def test_the_further_mailboxes(document: JSONObject | None, names: tuple[str, ...]) -> None:
    assert listed_names(PollingConfig, document) == names


def test_endpoints_are_added_and_never_taken_away() -> None:
    document = merged(WebhookConfig, {"endpoints": ["crm"]}, {"endpoints": ["sales"]})
    assert document == {"endpoints": ["crm", "sales"]}


WHSEC = "whsec_" + "A" * 43 + "="
OTHER = "whsec_" + "B" * 43 + "="


def test_the_values_of_headers_and_each_signing_secret_are_encrypted() -> None:
    plain = {"webhook_headers": {"x-key": "one"}, "webhook_signing_secrets": f"{WHSEC}, {OTHER}"}
    document = sealed(WebhookConfig, plain)
    assert decrypt(document["webhook_headers"]["x-key"]) == "one"
    assert [*map(decrypt, document["webhook_signing_secrets"])] == [WHSEC, OTHER]
    values = [*document["webhook_headers"].values(), *document["webhook_signing_secrets"]]
    assert all(map(is_encrypted, values))
    assert sealed(WebhookConfig, document) == document


def test_the_same_headers_and_signing_secrets_are_not_encrypted_anew() -> None:
    plain = {"webhook_headers": {"x-key": "one"}, "webhook_signing_secrets": [WHSEC]}
    stored = sealed(WebhookConfig, plain)
    assert merged(WebhookConfig, stored, plain) == kept(WebhookConfig, stored, plain) == stored


def test_of_several_secrets_those_that_are_stored_stay_to_the_letter() -> None:
    stored = sealed(WebhookConfig, {"webhook_signing_secrets": [WHSEC]})
    document = merged(WebhookConfig, stored, {"webhook_signing_secrets": [OTHER, WHSEC]})
    newest, former = document["webhook_signing_secrets"]
    assert decrypt(newest) == OTHER
    assert former == stored["webhook_signing_secrets"][0]


def test_a_header_of_another_installation_is_refused_and_named(settings: LazySettings) -> None:
    foreign = {"webhook_headers": {"x-key": encrypt("one")}}
    settings.CONFIG_ENCRYPTION_KEYS = ["another"]
    with pytest.raises(SecretUnreadable, match=r"^webhook_headers\.x-key: .*another key"):
        sealed(WebhookConfig, foreign)


@pytest.mark.parametrize("value", [[], "x", 5, None, {"x-key": 5}])
def test_what_are_no_headers_is_left_to_validation(value: object) -> None:
    assert sealed(WebhookConfig, {"webhook_headers": value}) == {"webhook_headers": value}


def test_a_link_that_was_used_stays_used() -> None:
    used = {"single_use": True, "consumed": True, "consumed_at": 1.0}
    stored = {"abc": used, "ours": {"digest": "d"}}
    incoming = {"abc": used | {"consumed": False, "consumed_at": None}, "new": {}}
    assert merged(MagicLinkTokens, stored, incoming) == stored | {"new": {}}


def test_a_link_that_was_used_elsewhere_is_used_here() -> None:
    stored, incoming = ({"abc": {"consumed": consumed}} for consumed in (False, True))
    assert merged(MagicLinkTokens, stored, incoming) == incoming
