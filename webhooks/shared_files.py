"""What the URL of a delivery link says about the files behind it. Nothing here asks anybody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

SOURCE_DOMAINS = ("dropbox.com", "fromsmash.com", "swisstransfer.com", "wetransfer.com")
# A shared folder is packed into one archive before its first byte comes.
FOLDER_SECONDS = 120.0
FILE_SECONDS = 15.0
NAME_CHARACTERS = 100

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9_-].*\.[A-Za-z0-9]{1,5}")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Files to be fetched. digest is that of the URL, and stands for it where it is secret."""

    provider: str
    url: str = field(repr=False)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.url.encode()).hexdigest()

    @property
    def object_key(self) -> str:
        """Where it is stored: always the same, so that repeating a transfer does no harm."""
        digest = self.digest
        return f"{self.provider}/{digest[:8]}/{digest[8:16]}/{_file_name(self.url)}"

    @property
    def masked(self) -> str:
        """The URL for eyes and logs: the query of a Dropbox link is the key to its files."""
        parts = urlsplit(self.url)
        query = "?…" if parts.query else ""
        return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"

    @property
    def seconds(self) -> float:
        """How long a transfer may take."""
        parts = urlsplit(self.url)
        folder = _below(parts.hostname, "dropbox.com") and parts.path.startswith("/scl/fo/")
        return FOLDER_SECONDS if folder else FILE_SECONDS


def source_of(provider: str, raw_url: str, direct_url: str | None) -> Source | None:
    """What is to be fetched for a link, None if it is at none of the known hosts."""
    url = direct_url or raw_url
    return Source(provider=provider, url=url) if _is_allowed(url) else None


def links_with_files(payload: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Source]]:
    """Those of a payload, as far as it has any and they look like links."""
    links = payload.get("delivery_links")
    for link in links if isinstance(links, list) else ():
        if not isinstance(link, dict):
            continue
        provider, raw_url, direct_url = (
            link.get(name) for name in ("provider", "raw_url", "direct_url")
        )
        if isinstance(provider, str) and isinstance(raw_url, str):
            direct = direct_url if isinstance(direct_url, str) else None
            if source := source_of(provider, raw_url, direct):
                yield link, source


def _is_allowed(url: str) -> bool:
    """Judged by the host as it is parsed. What programs could read in two ways is refused."""
    parts = _split(url)
    if parts is None or "\\" in url or any(not char.isprintable() or char == " " for char in url):
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return False
    return any(_below(parts.hostname, domain) for domain in SOURCE_DOMAINS)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.port in (None, 80, 443)
    except ValueError:
        return None
    return parts if usable else None


def _below(host: str | None, domain: str) -> bool:
    return host is not None and (host == domain or host.endswith(f".{domain}"))


def _file_name(url: str) -> str:
    """The last part of the path if it names a file, else "file"."""
    last = unquote(urlsplit(url).path.rpartition("/")[2])
    name = _UNSAFE.sub("_", last)[-NAME_CHARACTERS:].lstrip(".")
    return name if _FILE_NAME.fullmatch(name) else "file"
