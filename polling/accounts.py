"""Which mailboxes there are and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.conf import settings

from configstore.documents import PollingConfig, mailbox_document
from configstore.fields import DEFAULT_MAILBOX
from configstore.naming import mailbox_names
from configstore.secrets import SecretUnreadable, decrypt
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.errors import Kind, MailboxTrouble

DEFAULT = DEFAULT_MAILBOX
# Without one of these there is no mailbox; by which variable the default one may get it.
NEEDED = {
    "imap_host": "IMAP_SERVER",
    "imap_user": "EMAIL_ADDRESS",
    "imap_password": "EMAIL_PASSWORD",
}
NOTHING_SET = (
    "No mailbox is set up: set IMAP_SERVER, EMAIL_ADDRESS and EMAIL_PASSWORD, "
    "or imap_host, imap_user and imap_password in polling_config"
)

Security = Literal["tls", "starttls", "none"]
Auth = Literal["auto", "plain", "login"]


@dataclass(frozen=True, kw_only=True)
class Account:
    """One folder of one mailbox. name is what people and the lock call it; password is as it
    was given, perhaps encrypted."""

    name: str
    host: str
    port: int
    security: Security
    auth: Auth
    user: str
    password: str = field(repr=False)
    folder: str

    @property
    def identity(self) -> str:
        """What UIDs are relative to: another account behind the same name is another mailbox."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"

    @property
    def document(self) -> str:
        return mailbox_document(self.name)

    def clear_password(self) -> str:
        """Raises MailboxTrouble."""
        try:
            return decrypt(self.password)
        except SecretUnreadable as exc:
            raise MailboxTrouble(
                Kind.CONFIGURATION,
                f"IMAP login failed: imap_password of {self.document} cannot be read: {exc}",
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
    fields = {
        "imap_host": config.imap_host,
        "imap_port": config.imap_port,
        "imap_security": config.imap_security,
        "imap_user": config.imap_user,
        "imap_password": config.imap_password,
    }
    if name == DEFAULT:
        fields |= environment_fields()
    if missing := [field for field in NEEDED if not fields[field]]:
        raise NotSetUp(_what_is_missing(name, missing), has_host="imap_host" not in missing)
    values: dict[str, Any] = {key.removeprefix("imap_"): value for key, value in fields.items()}
    return Account(name=name, auth=config.imap_auth, folder=config.imap_folder, **values)


def environment_fields() -> dict[str, Any]:
    """The fields of the default mailbox that the environment sets."""
    use_ssl: bool | None = settings.IMAP_USE_SSL
    fields = {
        "imap_host": settings.IMAP_SERVER or None,
        "imap_port": settings.IMAP_PORT,
        "imap_security": None if use_ssl is None else ("tls" if use_ssl else "none"),
        "imap_user": settings.EMAIL_ADDRESS or None,
        "imap_password": settings.EMAIL_PASSWORD or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _what_is_missing(name: str, missing: list[str]) -> str:
    if name != DEFAULT:
        return f"It is not set up: {mailbox_document(name)} lacks {', '.join(missing)}"
    if len(missing) == len(NEEDED):
        return NOTHING_SET
    lacks = ", ".join(f"{field} ({NEEDED[field]})" for field in missing)
    return f"It is not set up: {mailbox_document(name)}, or the environment, lacks {lacks}"


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
