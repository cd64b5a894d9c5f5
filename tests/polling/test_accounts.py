from __future__ import annotations

import pytest
from django.conf import LazySettings

from configstore.backends.base import JSONObject
from configstore.documents import PollingConfig, mailbox_document
from configstore.naming import mailbox_names
from configstore.secrets import encrypt
from configstore.store import ConfigStore
from polling.accounts import DEFAULT, Account, NotSetUp, find_account
from polling.errors import Kind, MailboxTrouble
from tests.polling.documents import Memory, store_of

DOCUMENT: JSONObject = {
    "imap_host": "doc.example",
    "imap_port": 143,
    "imap_security": "starttls",
    "imap_user": "doc@relay.example",
    "imap_password": "doc-password",
    "imap_auth": "plain",
    "imap_folder": "Deliveries",
}
BY_DOCUMENT = Account(
    name=DEFAULT,
    host="doc.example",
    port=143,
    security="starttls",
    auth="plain",
    user="doc@relay.example",
    password="doc-password",
    folder="Deliveries",
)


def store(default: JSONObject | None = None, /, **mailboxes: JSONObject) -> ConfigStore:
    memory = Memory()
    memory.documents["polling_config"] = {**(default or {}), "mailboxes": list(mailboxes)}
    for name, document in mailboxes.items():
        memory.documents[f"polling_config:{name}"] = document
    return store_of(memory)


def refusal(store: ConfigStore, name: str = DEFAULT) -> NotSetUp:
    with pytest.raises(NotSetUp) as caught:
        find_account(store, name)
    return caught.value


def test_the_document_alone_describes_the_default_mailbox() -> None:
    assert find_account(store(DOCUMENT), DEFAULT) == BY_DOCUMENT


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("IMAP_SERVER", "env.example", "host", "env.example"),
        ("IMAP_PORT", 993, "port", 993),
        ("IMAP_USE_SSL", True, "security", "tls"),
        ("IMAP_USE_SSL", False, "security", "none"),
        ("EMAIL_ADDRESS", "env@relay.example", "user", "env@relay.example"),
        ("EMAIL_PASSWORD", "env-password", "password", "env-password"),
    ],
)
def test_each_variable_that_is_set_wins_over_its_field_and_no_other(
    settings: LazySettings, variable: str, value: object, field: str, expected: object
) -> None:
    setattr(settings, variable, value)
    account = find_account(store(DOCUMENT), DEFAULT)
    differing = {
        name: found for name, found in vars(account).items() if found != vars(BY_DOCUMENT)[name]
    }
    assert differing == {field: expected}


def test_what_is_said_nowhere_is_tls_on_its_port(settings: LazySettings) -> None:
    settings.IMAP_SERVER, settings.EMAIL_ADDRESS, settings.EMAIL_PASSWORD = "h.example", "u", "p"
    account = find_account(store(), DEFAULT)
    assert (account.port, account.security, account.auth) == (993, "tls", "auto")


@pytest.mark.parametrize("missing", ["imap_host", "imap_user", "imap_password"])
def test_the_field_that_is_missing_is_named(missing: str) -> None:
    document = {name: value for name, value in DOCUMENT.items() if name != missing}
    refused = refusal(store(document))
    named = [name for name in ("imap_host", "imap_user", "imap_password") if name in str(refused)]
    assert named == [missing]
    assert refused.has_host is (missing != "imap_host")


def test_with_nothing_at_all_it_says_where_to_begin() -> None:
    refused = refusal(store())
    assert str(refused).startswith("No mailbox is set up: set IMAP_SERVER")
    assert not refused.has_host


def test_another_mailbox_has_nothing_of_the_environment(settings: LazySettings) -> None:
    settings.IMAP_SERVER, settings.EMAIL_ADDRESS = "env.example", "env@relay.example"
    settings.EMAIL_PASSWORD, settings.IMAP_USE_SSL, settings.IMAP_PORT = "env", False, 143
    refused = refusal(store(DOCUMENT, sales={"imap_host": "sales.example"}), "sales")
    assert str(refused) == ("It is not set up: polling_config:sales lacks imap_user, imap_password")
    account = find_account(store(sales=DOCUMENT | {"imap_security": "tls"}), "sales")
    assert (account.host, account.port, account.security) == ("doc.example", 143, "tls")


def test_another_mailbox_has_the_defaults_of_the_environment_for_the_rest() -> None:
    memory = Memory()
    memory.documents["polling_config:sales"] = DOCUMENT
    defaults = {"polling_config": {"timezone": "Asia/Tokyo"}}
    config = store_of(memory, defaults).get(PollingConfig, mailbox_document("sales"))
    assert (config.timezone, config.imap_host) == ("Asia/Tokyo", "doc.example")


def test_the_default_mailbox_comes_first() -> None:
    assert mailbox_names(store(DOCUMENT, b={}, a={})) == (DEFAULT, "b", "a")


@pytest.mark.parametrize(
    ("changes", "twin"),
    [
        ({}, True),
        ({"imap_host": "DOC.example", "imap_user": "Doc@Relay.example"}, True),
        ({"imap_port": 993, "imap_security": "tls", "imap_password": "other"}, True),
        ({"imap_port": 1993}, False),
        ({"imap_folder": "INBOX"}, False),
        ({"imap_user": "other@relay.example"}, False),
    ],
)
def test_two_names_for_one_folder_are_served_once(changes: JSONObject, twin: bool) -> None:
    documents = store(DOCUMENT, sales=DOCUMENT | changes)
    assert find_account(documents, DEFAULT) == BY_DOCUMENT
    if twin:
        assert "same account as mailbox default" in str(refusal(documents, "sales"))
    else:
        assert find_account(documents, "sales").name == "sales"


def test_a_mailbox_that_is_switched_off_keeps_nobody_from_its_folder() -> None:
    documents = store(DOCUMENT | {"enable_polling": False}, sales=DOCUMENT)
    assert find_account(documents, "sales").name == "sales"


def test_an_encrypted_password_is_read(settings: LazySettings) -> None:
    document = DOCUMENT | {"imap_password": encrypt("geheim")}
    assert find_account(store(document), DEFAULT).clear_password() == "geheim"


def test_a_password_of_another_key_is_a_trouble_with_a_sentence(settings: LazySettings) -> None:
    settings.CONFIG_ENCRYPTION_KEYS = ["former"]
    document = DOCUMENT | {"imap_password": encrypt("geheim")}
    settings.CONFIG_ENCRYPTION_KEYS = ["present"]
    account = find_account(store(sales=document), "sales")
    with pytest.raises(MailboxTrouble) as caught:
        account.clear_password()
    assert caught.value.kind is Kind.CONFIGURATION
    assert str(caught.value).startswith(
        "IMAP login failed: imap_password of polling_config:sales cannot be read: it was "
        "encrypted with another key"
    )


def test_the_password_is_not_shown() -> None:
    assert "doc-password" not in repr(BY_DOCUMENT)
