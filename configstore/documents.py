"""The documents: what may stand in them and what it means.

A document is a frozen pydantic model. Fields that the model does not know are kept, so
that saving a document never drops what another program wrote into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from configstore.document import Document
from configstore.fields import (
    DEFAULT,
    Addresses,
    ClockTime,
    DayNames,
    Days,
    FolderName,
    Headers,
    HostName,
    Hour,
    Names,
    OptionalDate,
    OptionalFolder,
    OptionalText,
    Priorities,
    Provider,
    SigningSecrets,
    Tenant,
    TimeZone,
    WebAddress,
    WebhookUrl,
    Words,
)
from configstore.fields import translatable as _
from configstore.mail_addresses import MailAddresses
from configstore.rules import Rule

MAIL_SERVER = frozenset({"imap_host", "imap_port", "imap_security"})
TOKEN_ENDPOINT = frozenset({"oauth_provider", "oauth_tenant", "oauth_token_url"})


class PollingConfig(Document):
    """Where, when and from whom mail is read: one mailbox.

    active_days are numbers, 0 for Monday. No start and end hour: all day. Start after end
    crosses midnight; start equal to end is never. Vacation days are inclusive. imap_auth auto
    is OAuth2 where there is a refresh token; oauth_token_url and oauth_scope are those of the
    provider where they are empty. mailboxes, in the default mailbox's document alone, are the
    names of the others.
    """

    NAME = "polling_config"
    SECRETS = ("imap_password", "oauth_client_secret", "oauth_refresh_token")
    RENEWED: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "oauth_refresh_token": ("imap_user", "oauth_provider", "oauth_client_id", "oauth_token_url")
    }
    GOES_TO: ClassVar[Mapping[str, frozenset[str]]] = {
        "imap_password": MAIL_SERVER,
        "oauth_client_secret": TOKEN_ENDPOINT,
        "oauth_refresh_token": MAIL_SERVER | TOKEN_ENDPOINT,  # as an access token
    }
    FURTHER = "mailboxes"

    enable_polling: bool = True
    imap_host: HostName = None
    imap_port: Annotated[int, Field(ge=1, le=65535)] = 993
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_user: OptionalText = None
    imap_password: OptionalText = Field(default=None, repr=False)
    imap_auth: Literal["auto", "plain", "login", "oauth2"] = "auto"
    oauth_provider: Provider = None
    oauth_client_id: OptionalText = None
    oauth_client_secret: OptionalText = Field(default=None, repr=False)
    oauth_refresh_token: OptionalText = Field(default=None, repr=False)
    oauth_tenant: Tenant = "common"
    oauth_token_url: WebAddress = None
    oauth_scope: OptionalText = None
    imap_folder: FolderName = "INBOX"
    timezone: TimeZone = "Europe/Paris"
    active_days: Days = (0, 1, 2, 3, 4, 5, 6)
    active_start_hour: Hour | None = None
    active_end_hour: Hour | None = None
    vacation_start: OptionalDate = None
    vacation_end: OptionalDate = None
    sender_of_interest_for_polling: Addresses = ()
    enable_subject_group_dedup: bool = False
    subject_group_ttl_seconds: Annotated[int, Field(ge=0, le=366 * 24 * 3600)] = 0
    interval_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    after_relay: Literal["read", "nothing", "flag", "move"] = "read"
    after_relay_folder: OptionalFolder = None
    mailboxes: Names = ()

    @model_validator(mode="after")
    def _vacation_in_order(self) -> PollingConfig:
        if self.vacation_start and self.vacation_end and self.vacation_end < self.vacation_start:
            raise ValueError(_("vacation_end is before vacation_start"))
        return self

    @model_validator(mode="after")
    def _move_needs_a_folder(self) -> PollingConfig:
        if self.after_relay == "move" and not self.after_relay_folder:
            raise ValueError(_("after_relay move needs after_relay_folder"))
        if self.after_relay == "move" and self.after_relay_folder == self.imap_folder:
            raise ValueError(_("after_relay_folder is the folder that is read"))
        return self


class ProcessingPrefs(Document):
    """What is relayed, how patiently, and for how long the journal keeps it (journal_days, 0 for
    ever)."""

    NAME = "processing_prefs"

    exclude_keywords: Words = ()
    require_attachments: bool = False
    max_email_size_mb: Annotated[int, Field(gt=0)] | None = None
    sender_priority: Priorities = {}
    retry_count: Annotated[int, Field(ge=0, le=10)] = 0
    retry_delay_sec: Annotated[int, Field(ge=0, le=600)] = 2
    webhook_timeout_sec: Annotated[int, Field(ge=1, le=300)] = 25
    rate_limit_per_hour: Annotated[int, Field(ge=0, le=100000)] = 0
    notify_on_failure: bool = False
    alert_emails: MailAddresses = ()
    alert_webhook_url: WebhookUrl = None
    mirror_media_to_custom: bool = False
    relay_without_links: bool = False
    journal_days: Annotated[int, Field(ge=0, le=3650)] = 90


class WebhookConfig(Document):
    """Where webhooks go, and when they wait: one endpoint. Times are in the time zone of
    polling_config.

    webhook_headers are sent along with each request, and webhook_signing_secrets sign it, the
    newest first; without any a secret that follows from SECRET_KEY does. The values of both are
    encrypted. endpoints, in the default endpoint's document alone, are the names of the others.
    """

    NAME = "webhook_config"
    SECRETS = ("webhook_headers", "webhook_signing_secrets")
    GOES_TO: ClassVar[Mapping[str, frozenset[str]]] = {
        "webhook_headers": frozenset({"webhook_url", "webhook_ssl_verify"})
    }
    FURTHER = "endpoints"
    DEFAULT_ALONE = ("webhook_url", "webhook_ssl_verify")

    webhook_url: WebhookUrl = None
    webhook_ssl_verify: bool = True
    webhook_sending_enabled: bool = True
    webhook_time_start: ClockTime = None
    webhook_time_end: ClockTime = None
    absence_pause_enabled: bool = False
    absence_pause_days: DayNames = ()
    webhook_delivery_mode: Literal["json", "form"] = "json"
    webhook_fallback_on_415: bool = True
    webhook_headers: Headers = Field(default={}, repr=False)
    webhook_signing_secrets: SigningSecrets = Field(default=(), repr=False)
    endpoints: Names = ()

    @model_validator(mode="after")
    def _absence_needs_a_day(self) -> WebhookConfig:
        if self.absence_pause_enabled and not self.absence_pause_days:
            raise ValueError(
                _("absence_pause_enabled needs at least one day in absence_pause_days")
            )
        return self


class RoutingRules(Document):
    """Which mail goes to which endpoint. A mail that meets no rule goes to the default one."""

    NAME = "routing_rules"

    rules: tuple[Rule, ...] = ()


class MagicLinkToken(BaseModel):
    """One link by which a person logs in. Times are seconds since 1970; expires_at None never
    expires.

    digest is that of the secret part, which is stored nowhere; None for a link that this
    project did not make, and which opens nothing. owner is a user name.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    expires_at: float | None = None
    single_use: bool = True
    consumed: bool = False
    consumed_at: float | None = None
    digest: str | None = Field(default=None, repr=False)
    owner: str | None = None
    created_at: float | None = None


class MagicLinkTokens(Document):
    """The links by their public ids. What is no link is kept and opens nothing."""

    NAME = "magic_link_tokens"

    @property
    def links(self) -> dict[str, MagicLinkToken | None]:
        """By id, oldest entry first; None where the entry makes no sense."""
        entries = (self.__pydantic_extra__ or {}).items()
        return {name: _link(entry) for name, entry in entries if not name.startswith("_")}


def _link(entry: Any) -> MagicLinkToken | None:
    try:
        return MagicLinkToken.model_validate(entry)
    except ValidationError:
        return None


def document_of(kind: type[Document], name: str) -> str:
    """The name of the document of this kind that describes what is called so."""
    return kind.NAME if name == DEFAULT else f"{kind.NAME}:{name}"


def mailbox_document(name: str) -> str:
    """The name of the document that describes this mailbox."""
    return document_of(PollingConfig, name)


def endpoint_document(name: str) -> str:
    """The name of the document that describes this endpoint."""
    return document_of(WebhookConfig, name)


KINDS: tuple[type[Document], ...] = (
    PollingConfig,
    WebhookConfig,
    ProcessingPrefs,
    RoutingRules,
    MagicLinkTokens,
)


def kind_of(name: str) -> type[Document] | None:
    """What a document of this name is: "polling_config:sales" is a PollingConfig."""
    base = name.partition(":")[0]
    return next((kind for kind in KINDS if base == kind.NAME), None)
