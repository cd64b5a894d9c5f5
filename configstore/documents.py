"""The documents: what may stand in them and what it means.

A document is a frozen pydantic model. Fields that the model does not know are kept, so
that saving a document never drops what another program wrote into it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    model_validator,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAKE_SHORTHAND = re.compile(r"([A-Za-z0-9_-]+)@(hook\.(?:[a-z0-9-]+\.)*make\.com)")
CLOCK_TIME = re.compile(r"([01]?[0-9]|2[0-3])[hH:]([0-5][0-9])")


def _split(value: object) -> object:
    """A comma-separated string is accepted for a list; blanks are dropped."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return value
    items = [item.strip() if isinstance(item, str) else item for item in value]
    return tuple(item for item in items if item != "")


def _lower(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.lower() for value in values))


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _clock_time(value: str | None) -> str | None:
    if value is None:
        return None
    found = CLOCK_TIME.fullmatch(value.strip())
    if not found:
        raise ValueError("write a time as 09:30 or 9h30")
    return f"{int(found[1]):02d}:{found[2]}"


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone; an example is Europe/Paris") from None
    return value


def _webhook_url(value: str | None) -> str | None:
    if value is None:
        return None
    if found := MAKE_SHORTHAND.fullmatch(value.strip()):
        return f"https://{found[2]}/{found[1]}"
    if not _is_web_address(value.strip()):
        raise ValueError("write a whole address, such as https://hook.example.com/path")
    return value.strip()


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:  # its text would repeat the address, token and all
        return False


def _folder_name(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a folder name holds no control characters")
    return value


Addresses = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_lower)]
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_is_none)]
ClockTime = Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_clock_time)]
Hour = Annotated[int, Field(ge=0, le=23)]


class Document(BaseModel):
    """One stored JSON object. NAME is its name in every store."""

    model_config = ConfigDict(frozen=True, extra="allow")
    NAME: ClassVar[str]


class PollingConfig(Document):
    """When and from whom mail is read.

    active_days are numbers, 0 for Monday. No start and end hour: all day. Start after end
    crosses midnight; start equal to end is never. Vacation days are inclusive.
    """

    NAME = "polling_config"

    enable_polling: bool = True
    timezone: Annotated[str, AfterValidator(_time_zone)] = "Europe/Paris"
    active_days: Annotated[
        tuple[Annotated[int, Field(ge=0, le=6)], ...], BeforeValidator(_split)
    ] = (0, 1, 2, 3, 4, 5, 6)
    active_start_hour: Hour | None = None
    active_end_hour: Hour | None = None
    vacation_start: OptionalDate = None
    vacation_end: OptionalDate = None
    sender_of_interest_for_polling: Addresses = ()
    enable_subject_group_dedup: bool = False
    subject_group_ttl_seconds: Annotated[int, Field(ge=0, le=366 * 24 * 3600)] = 0
    interval_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    imap_folder: Annotated[str, Field(min_length=1), AfterValidator(_folder_name)] = "INBOX"

    @model_validator(mode="after")
    def _vacation_in_order(self) -> PollingConfig:
        if self.vacation_start and self.vacation_end and self.vacation_end < self.vacation_start:
            raise ValueError("vacation_end is before vacation_start")
        return self


class ProcessingPrefs(Document):
    """What is relayed, and how patiently."""

    NAME = "processing_prefs"

    exclude_keywords: Words = ()
    require_attachments: bool = False
    max_email_size_mb: Annotated[int, Field(gt=0)] | None = None
    sender_priority: dict[str, Literal["high", "medium", "low"]] = {}
    retry_count: Annotated[int, Field(ge=0, le=10)] = 0
    retry_delay_sec: Annotated[int, Field(ge=0, le=600)] = 2
    webhook_timeout_sec: Annotated[int, Field(ge=1, le=300)] = 25
    rate_limit_per_hour: Annotated[int, Field(ge=0, le=100000)] = 0
    notify_on_failure: bool = False
    mirror_media_to_custom: bool = False
    relay_without_links: bool = False


class WebhookConfig(Document):
    """Where webhooks go, and when they wait. Times are in the time zone of polling_config."""

    NAME = "webhook_config"

    webhook_url: Annotated[
        str | None, BeforeValidator(_blank_is_none), AfterValidator(_webhook_url)
    ] = None
    webhook_ssl_verify: bool = True
    webhook_sending_enabled: bool = True
    webhook_time_start: ClockTime = None
    webhook_time_end: ClockTime = None
    absence_pause_enabled: bool = False
    absence_pause_days: Annotated[
        tuple[Literal[WEEKDAYS], ...],  # type: ignore[valid-type]  # a literal of a constant tuple
        BeforeValidator(_split),
    ] = ()
    webhook_delivery_mode: Literal["json", "form"] = "json"
    webhook_fallback_on_415: bool = True

    @model_validator(mode="after")
    def _absence_needs_a_day(self) -> WebhookConfig:
        if self.absence_pause_enabled and not self.absence_pause_days:
            raise ValueError("absence_pause_enabled needs at least one day in absence_pause_days")
        return self


class MagicLinkToken(BaseModel):
    """Times are seconds since 1970; expires_at None never expires."""

    model_config = ConfigDict(frozen=True, extra="allow")

    expires_at: float | None = None
    single_use: bool = True
    consumed: bool = False
    consumed_at: float | None = None


class MagicLinkTokens(RootModel[dict[str, MagicLinkToken]]):
    """The links by which people log in, by token id. The secret part is never in it."""

    NAME: ClassVar[str] = "magic_link_tokens"


def describe(error: Any) -> str:
    """The faults of a pydantic ValidationError as one line, without the values."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in fault["loc"]) or "document"
        faults.append(f"{where}: {fault['msg'].removeprefix('Value error, ')}")
    return "; ".join(faults)
