"""What the Worker's answer means, whoever sent it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from webhooks.shared_files import Source

URL_CHARACTERS = 2000
NAME_CHARACTERS = 255
ERROR_CHARACTERS = 200

_SECRET = re.compile(r"https?(?::|%3A)\S*|\?\S*|\b\w+=\S*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """r2_url, or error. cut: we ended it ourselves, and nobody knows what became of it. status is
    None without an answer; said_at is what the clock of the Worker says."""

    source: Source
    r2_url: str = ""
    original_filename: str | None = None
    error: str = ""
    cut: bool = False
    status: int | None = None
    said_at: datetime | None = None


def is_stored_here(url: object) -> bool:
    """Whether this is an https URL at the host of R2_PUBLIC_BASE_URL, and nothing else."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable():
        return False
    if len(url) > URL_CHARACTERS or any(char in url for char in ' \\<>"'):
        return False
    try:
        parts, base = urlsplit(url), urlsplit(settings.R2_PUBLIC_BASE_URL)
        same_place = (parts.hostname, parts.port) == (base.hostname, base.port)
    except ValueError:
        return False
    plain = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    return bool(plain and same_place)


def judge(source: Source, status: int, text: bytes) -> Fetched:
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return Fetched(source=source, error=f"HTTP {status}: the answer is no JSON object")
    if status != 200 or answer.get("success") is not True:
        told = _without_secrets(_plain(answer.get("error")))[:ERROR_CHARACTERS]
        return Fetched(source=source, error=f"HTTP {status}: {told or 'no reason given'}")
    if not is_stored_here(answer.get("r2_url")):
        error = "the answer has no r2_url that is an https URL at the host of R2_PUBLIC_BASE_URL"
        return Fetched(source=source, error=error)
    return Fetched(
        source=source,
        r2_url=answer["r2_url"],
        original_filename=_file_name(answer.get("original_filename")),
    )


def _file_name(value: object) -> str | None:
    """Without folders: receivers may store under this name."""
    name = _plain(value).replace("\\", "/").rpartition("/")[2]
    return name[-NAME_CHARACTERS:] or None


def _plain(value: object) -> str:
    """Text on one line, without what cannot be printed or stored."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


def _without_secrets(text: str) -> str:
    """An answer may quote what it was sent."""
    if settings.R2_FETCH_TOKEN:
        text = text.replace(settings.R2_FETCH_TOKEN, "…")
    return _SECRET.sub("…", text)
