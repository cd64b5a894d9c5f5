"""Which mailboxes there are and how to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from configstore.credentials import VARIABLES, environment_fields
from configstore.documents import PollingConfig, mailbox_document
from configstore.fields import DEFAULT_MAILBOX
from configstore.naming import mailbox_names
from configstore.secrets import SecretUnreadable, decrypt
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.errors import Kind, MailboxTrouble
from polling.oauth.described import OAuth, described_oauth

DEFAULT = DEFAULT_MAILBOX
# Without one of these there is no mailbox.
NEEDED = ("imap_host", "imap_user", "imap_password")
NEEDED_BY_OAUTH = (
    *("imap_host", "imap_user"),
    *("oauth_provider", "oauth_client_id", "oauth_refresh_token"),
)
NOTHING_SET = (
    "No mailbox is set up: set IMAP_SERVER, EMAIL_ADDRESS and EMAIL_PASSWORD, "
    "or imap_host, imap_user and imap_password in polling_config"
)

Security = Literal["tls", "starttls", "none"]
Auth = Literal["auto", "plain", "login", "oauth2"]


@dataclass(frozen=True, kw_only=True)
class Account:
    """One folder of one mailbox. name is what people and the lock call it; password is as it
    was given, perhaps encrypted. With oauth it is not used."""

    name: str
    host: str
    port: int
    security: Security
    auth: Auth
    user: str
    password: str = field(repr=False)
    folder: str
    oauth: OAuth | None = None

    @property
    def identity(self) -> str:
        """What UIDs are relative to: another account behind the same name is another mailbox."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"

    @property
    def document(self) -> str:
        return mailbox_document(self.name)

    def clear_password(self) -> str:
        """Raises MailboxTrouble."""
        return self.clear("imap_password", self.password)

    def clear(self, field: str, secret: str) -> str:
        """The secret of that field of the document. Raises MailboxTrouble."""
        try:
            return decrypt(secret)
        except SecretUnreadable as exc:
            raise MailboxTrouble(
                Kind.CONFIGURATION,
                f"IMAP login failed: {field} of {self.document} cannot be read: {exc}",
            ) from exc


class NotSetUp(Exception):
    """A mailbox that cannot be served as it is described; the message says why.

    has_host False: nothing names a mailbox at all.
    """

    def __init__(self, sentence: str, has_host: bool) -> None:
        super().__init__(sentence)
        self.has_host = has_host


def find_account(store: ConfigStore, name: str) -> Account:
    """Raises NotSetUp and ConfigurationUnknown."""
    account = described_account(name, store.get(PollingConfig, mailbox_document(name)))
    if twin := _twin(store, account):
        raise NotSetUp(
            f"It is not served: it is the same folder of the same account as mailbox {twin}", True
        )
    return account


def described_account(name: str, config: PollingConfig) -> Account:
    """What the document says; for the default mailbox the environment wins, field by field.

    Raises NotSetUp.
    """
    winning = environment_fields() if name == DEFAULT else {}
    fields: dict[str, Any] = config.model_dump(include={*VARIABLES}) | winning
    by_oauth = _uses_oauth(config, fields)
    if missing := [field for field in _needed(fields, by_oauth) if not fields[field]]:
        raise NotSetUp(_what_is_missing(name, missing), has_host="imap_host" not in missing)
    return Account(
        name=name,
        host=fields["imap_host"],
        port=fields["imap_port"],
        security=fields["imap_security"],
        auth=config.imap_auth,
        user=fields["imap_user"],
        password=fields["imap_password"] or "",
        folder=config.imap_folder,
        oauth=described_oauth(fields, "oauth_refresh_token" not in winning) if by_oauth else None,
    )


def _uses_oauth(config: PollingConfig, fields: Mapping[str, Any]) -> bool:
    """fields are those of the document, or of the environment where that wins."""
    if config.imap_auth != "auto":
        return config.imap_auth == "oauth2"
    begun = fields["oauth_provider"] and not fields["imap_password"]
    return bool(fields["oauth_refresh_token"] or begun)


def _needed(fields: Mapping[str, Any], by_oauth: bool) -> tuple[str, ...]:
    if not by_oauth:
        return NEEDED
    own = fields["oauth_provider"] == "other"
    return (*NEEDED_BY_OAUTH, *(("oauth_token_url",) if own else ()))


def _what_is_missing(name: str, missing: list[str]) -> str:
    command = "oauth_refresh_token" in missing and "imap_host" not in missing
    hint = f"; `manage.py mailboxlogin {name}` gets it" if command else ""
    if name != DEFAULT:
        return f"It is not set up: {mailbox_document(name)} lacks {', '.join(missing)}{hint}"
    if {*NEEDED} <= {*missing}:
        return NOTHING_SET
    lacks = ", ".join(f"{field} ({VARIABLES[field]})" for field in missing)
    return f"It is not set up: {mailbox_document(name)}, or the environment, lacks {lacks}{hint}"


def _twin(store: ConfigStore, account: Account) -> str:
    """The mailbox listed before this one that reads the same folder, "" if none does: two
    names have two locks, so nothing else would keep two pollers from it."""
    names = mailbox_names(store)
    before = names[: names.index(account.name)] if account.name in names else ()
    for name in before:
        try:
            config = store.get(PollingConfig, mailbox_document(name))
            other = described_account(name, config)
        except (NotSetUp, ConfigurationUnknown):
            continue
        if config.enable_polling and _place(other) == _place(account):
            return name
    return ""


def _place(account: Account) -> tuple[str, int, str, str]:
    port = 993 if account.port == 143 else account.port  # two doors to one server
    return account.host.lower(), port, account.user.lower(), account.folder
