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


OAUTH: JSONObject = {
    "imap_host": "doc.example",
    "imap_user": "doc@relay.example",
    "oauth_provider": "microsoft",
    "oauth_client_id": "client",
    "oauth_refresh_token": "r3fresh",
}


@pytest.mark.parametrize("auth", ["auto", "oauth2"])
def test_with_a_refresh_token_no_password_is_needed(auth: str) -> None:
    account = find_account(store(OAUTH | {"imap_auth": auth}), DEFAULT)
    assert account.oauth is not None
    assert account.oauth.token_url == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert account.oauth.scope.split() == [
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
    ]


@pytest.mark.parametrize(
    ("fields", "by_oauth"),
    [
        ({"imap_password": "p"}, True),
        ({"imap_password": "p", "imap_auth": "plain"}, False),
        ({"imap_password": "p", "imap_auth": "login"}, False),
        ({"imap_password": "p", "oauth_refresh_token": None}, False),
    ],
)
def test_which_login_it_is_where_both_are_described(fields: JSONObject, by_oauth: bool) -> None:
    account = find_account(store(OAUTH | fields), DEFAULT)
    assert (account.oauth is not None) is by_oauth


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        (
            {"oauth_refresh_token": None},
            "oauth_refresh_token; `manage.py mailboxlogin sales` gets it",
        ),
        ({"oauth_client_id": None}, "oauth_client_id"),
        ({"oauth_provider": None}, "oauth_provider"),
        ({"oauth_provider": "other"}, "oauth_token_url"),
        ({"imap_user": None}, "imap_user"),
    ],
)
def test_what_a_login_by_oauth_lacks_is_named(fields: JSONObject, lacks: str) -> None:
    refused = refusal(store(DOCUMENT, sales=OAUTH | fields), "sales")
    assert str(refused) == f"It is not set up: polling_config:sales lacks {lacks}"


def test_the_tenant_and_an_address_of_ones_own_are_used() -> None:
    tenant = find_account(store(OAUTH | {"oauth_tenant": "a.example"}), DEFAULT).oauth
    assert tenant is not None
    assert tenant.token_url == "https://login.microsoftonline.com/a.example/oauth2/v2.0/token"
    own = {"oauth_provider": "other", "oauth_token_url": "https://b.example/t", "oauth_scope": "m"}
    described = find_account(store(OAUTH | own), DEFAULT).oauth
    assert described is not None
    assert (described.token_url, described.scope) == ("https://b.example/t", "m")


def test_each_variable_of_oauth_wins_over_its_field(settings: LazySettings) -> None:
    settings.EMAIL_OAUTH_PROVIDER, settings.EMAIL_OAUTH_CLIENT_ID = "google", "env-client"
    settings.EMAIL_OAUTH_CLIENT_SECRET = "env-s3cret"
    settings.EMAIL_OAUTH_REFRESH_TOKEN = "env-r3fresh"
    account = find_account(store(OAUTH, sales=OAUTH | {"imap_user": "sales"}), DEFAULT)
    oauth = account.oauth
    assert oauth is not None
    assert (oauth.client_id, oauth.client_secret) == ("env-client", "env-s3cret")
    assert oauth.token_url == "https://oauth2.googleapis.com/token"
    assert (oauth.refresh_token, oauth.in_document) == ("env-r3fresh", False)
    documents = store(OAUTH, sales=OAUTH | {"imap_user": "sales"})
    sales = find_account(documents, "sales").oauth
    assert sales is not None
    assert (sales.client_id, sales.in_document) == ("client", True)


def test_no_secret_of_oauth_is_shown() -> None:
    account = find_account(store(OAUTH | {"oauth_client_secret": "cl1ent-s3cret"}), DEFAULT)
    assert "s3cret" not in repr(account)
    assert "r3fresh" not in repr(account)
    assert "r3fresh" not in repr(PollingConfig.model_validate(OAUTH))
