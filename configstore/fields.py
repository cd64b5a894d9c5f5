"""The kinds of values that the documents are made of, and how old spellings of them are read."""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field


def translatable(message: str) -> str:
    """Marks a message for makemessages; the form that shows it translates it.

    Django's gettext_noop asks the settings, and these rules are needed while those are read.
    """
    return message


_ = translatable
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MAKE_SHORTHAND = re.compile(r"([A-Za-z0-9_-]+)@(hook\.(?:[a-z0-9-]+\.)*make\.com)")
HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
SENDER = re.compile(r"[^\s@;<>]*@?[^\s@;<>]+")
MAILBOX_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
DEFAULT = DEFAULT_MAILBOX = DEFAULT_ENDPOINT = "default"
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
MOST_SECRETS = 5
SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
# What the relay sends itself.
OWN_HEADERS = frozenset(
    ["content-type", "content-length", "host", "connection", "transfer-encoding", "user-agent",
     "accept-encoding", "x-source", "webhook-id", "webhook-timestamp", "webhook-signature"]
)  # fmt: skip
# The top-level fields of a webhook's body; webhooks.payload fills them.
PAYLOAD_FIELDS = (
    "microsoft_graph_email_id", "subject", "receivedDateTime", "sender_address", "sender_email",
    "bodyPreview", "email_content", "delivery_links", "first_direct_download_url", "dropbox_urls",
    "dropbox_first_url", "webhooks_time_start", "webhooks_time_end", "event_id",
)  # fmt: skip
CLOCK_TIME = re.compile(r"([01]?[0-9]|2[0-3])[hH:]([0-5][0-9])")


def split(value: object) -> object:
    """A comma-separated string is accepted for a list; blanks are dropped."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return value
    items = [item.strip() if isinstance(item, str) else item for item in value]
    return tuple(item for item in items if item != "")


def lower(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.lower() for value in values))


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _clock_time(value: str | None) -> str | None:
    if value is None:
        return None
    found = CLOCK_TIME.fullmatch(value.strip())
    if not found:
        raise ValueError(_("write a time as 09:30 or 9h30"))
    return f"{int(found[1]):02d}:{found[2]}"


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(_("not a time zone; an example is Europe/Paris")) from None
    return value


def _webhook_url(value: str | None) -> str | None:
    if value is None:
        return None
    if found := MAKE_SHORTHAND.fullmatch(value.strip()):
        return f"https://{found[2]}/{found[1]}"
    return _web_address(value)


def _web_address(value: str | None) -> str | None:
    if value is None:
        return None
    if CONTROL.search(value.strip()) or not _is_web_address(value.strip()):
        raise ValueError(_("write a whole address, such as https://hook.example.com/path"))
    if "@" in urlsplit(value.strip()).netloc:
        raise ValueError(_("write the address without a user name or password"))
    return value.strip()


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("https", "http") and bool(parts.hostname)
    except ValueError:  # its text would repeat the address, token and all
        return False


def _folder_name(value: str) -> str:
    if not value.isprintable():
        raise ValueError(_("a folder name holds no control characters"))
    return "INBOX" if value.upper() == "INBOX" else value  # its case means nothing (RFC 9051, 5.1)


def _optional_folder(value: str | None) -> str | None:
    return None if value is None else _folder_name(value)


def _tenant(value: str) -> str:
    if not TENANT.fullmatch(value.strip()):
        raise ValueError(_("write common, or the domain or the id of the organization"))
    return value.strip()


def _host_name(value: str | None) -> str | None:
    if value is None:
        return None
    value = value.strip()
    if not (HOST_NAME.fullmatch(value) or _is_ip_address(value)):
        raise ValueError(_("write a host name alone, such as imap.example.com"))
    return value


def _is_ip_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _sender(value: str) -> str:
    """An address, or a domain written as example.com or @example.com."""
    if not SENDER.fullmatch(value) or not {".", "@"} & set(value):
        raise ValueError(_("write an address or a domain, such as a@example.com or example.com"))
    return value


def _short_name(value: str) -> str:
    if not MAILBOX_NAME.fullmatch(value):
        raise ValueError(_("a name is up to 40 small letters, digits, - and _"))
    return value


def _further_name(value: str) -> str:
    """The default one needs no listing."""
    if value == DEFAULT:
        raise ValueError(_("a name is up to 40 small letters, digits, - and _"))
    return _short_name(value)


def _header(name: str) -> str:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(_("not the name of an HTTP header; an example is x-make-apikey"))
    if name.lower() in OWN_HEADERS:
        raise ValueError(_("this header is the relay's own"))
    return name


def _signing_secret(value: str) -> str:
    """As people have it, or encrypted."""
    if not (SIGNING_SECRET.fullmatch(value) or value.startswith("fernet:")):
        raise ValueError(_("a signing secret is whsec_ and the base64 of 24 to 64 bytes"))
    return value


def _header_value(value: str) -> str:
    """As people have it, or encrypted, which is longer."""
    if value.startswith("fernet:"):
        return value
    if not (value.isascii() and value.isprintable() and value.strip()) or len(value) > 2000:
        raise ValueError(_("the value of a header is printable ASCII, 2000 characters at most"))
    return value.strip()


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _lower_items(value: object) -> object:
    value = split(value)
    if not isinstance(value, tuple):
        return value
    return tuple(item.lower() if isinstance(item, str) else item for item in value)


def _no_list(value: object) -> object:
    """PHP writes an object without fields as []."""
    return {} if value == [] else value


no_list = BeforeValidator(_no_list)
Priorities = Annotated[dict[str, Literal["high", "medium", "low"]], no_list]
Headers = Annotated[
    dict[
        Annotated[str, AfterValidator(_header)],
        Annotated[str, AfterValidator(_header_value)],
    ],
    no_list,
]
Addresses = Annotated[
    tuple[Annotated[str, AfterValidator(_sender)], ...],
    BeforeValidator(split),
    AfterValidator(lower),
]
Words = Annotated[tuple[str, ...], BeforeValidator(split)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_is_none)]
ClockTime = Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_clock_time)]
Hour = Annotated[int, Field(ge=0, le=23)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_is_none)]
HostName = Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_host_name)]
OptionalFolder = Annotated[
    str | None, BeforeValidator(_blank_is_none), AfterValidator(_optional_folder)
]
FolderName = Annotated[str, Field(min_length=1), AfterValidator(_folder_name)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
WebhookUrl = Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_webhook_url)]
WebAddress = Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_web_address)]
Tenant = Annotated[str, AfterValidator(_tenant)]
Provider = Annotated[
    Literal["google", "microsoft", "other"] | None, BeforeValidator(_blank_is_none)
]
SigningSecrets = Annotated[
    tuple[Annotated[str, AfterValidator(_signing_secret)], ...],
    BeforeValidator(split),
    Field(max_length=MOST_SECRETS),
]
EndpointName = Annotated[str, AfterValidator(_short_name)]
Names = Annotated[
    tuple[Annotated[str, AfterValidator(_further_name)], ...],
    BeforeValidator(split),
    AfterValidator(_unique),
]
Days = Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], BeforeValidator(split)]
DayNames = Annotated[
    tuple[Literal[WEEKDAYS], ...],  # type: ignore[valid-type]  # a literal of a constant tuple
    BeforeValidator(_lower_items),
]
