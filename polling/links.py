"""Delivery links in the text and the HTML of a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from html.entities import html5
from itertools import chain
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from webhooks.messages import Link

MAX_LINKS = 200
MAX_URL_LENGTH = 4000

_PROVIDERS = (
    ("dropbox.com", "dropbox", re.compile(r"\A/(?:s|scl/f[io])/[^/]")),
    ("fromsmash.com", "fromsmash", re.compile(r"[^/]")),
    ("swisstransfer.com", "swisstransfer", re.compile(r"/d/[^/]")),
)

# A URL ends at white space of any script, visible or not, and at quotation marks and brackets
# that no URL has. The backslash is among them: browsers and libraries differ on what it means.
# Without its first letter: a pattern that begins with a set, not with a choice or a letter of
# either case, is searched for several times as fast.
_URL_REST = (
    r"(?i:ttps?://)[^<>\"`\\\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    r"«»‹›‘’“”„…、。，）】」]+"
)
_URL = re.compile(rf"[hH]{_URL_REST}", re.ASCII)
_IN_HTML = re.compile(
    rf"""[hH](?:(?i:ref)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+))|({_URL_REST}))""",
    re.ASCII,
)
_PARTS = re.compile(
    r"(https?://)((?:[a-z0-9-]+\.)+[a-z0-9-]+)(:[0-9]{1,5})?(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?",
    re.IGNORECASE | re.ASCII,
)
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DOUBLY_ENCODED = re.compile(r"%(?:25)+([0-9A-Fa-f]{2})")
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
_PUNCTUATION = ".,;:!?'*"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = {*_PUNCTUATION, *_CLOSING}
_PREVIEW = re.compile(r"(?:logo|avatar|profile|ms)[^/]*\.(?:png|jpe?g|webp|gif)", re.IGNORECASE)


class _Parts(NamedTuple):
    scheme: str
    host: str
    port: str
    path: str
    query: str


def extract(text: str, html: str) -> tuple[Link, ...]:
    """The delivery links in order of appearance, text before HTML, each one once."""
    links: dict[str, Link] = {}
    met: set[str] = set()
    for written in chain(_in_text(text), _in_html(html)):
        if written in met:
            continue
        met.add(written)
        url = _tidied(written)
        link = _link(_unwrapped(url)) if url else None
        if link:
            links.setdefault(_identity(link), link)
        if len(links) == MAX_LINKS:
            break
    return tuple(links.values())


def provider_of(url: str) -> str | None:
    """Who keeps the files this URL leads to; None if it is no delivery link."""
    parts = _parts(url)
    return _provider(parts) if parts else None


def normalise_dropbox(url: str) -> str:
    """The address that downloads at once, the same for every way of writing the link."""
    for _ in range(3):
        url = _unescaped(url)
    address, _, query = _DOUBLY_ENCODED.sub(r"%\1", url).partition("#")[0].partition("?")
    parameters = [parameter for parameter in query.split("&") if parameter]
    switches = [at for at, parameter in enumerate(parameters) if _is_switch(parameter)]
    place = switches[0] if switches else len(parameters)
    parameters[place:place] = ["dl=1"]
    kept = [p for at, p in enumerate(parameters) if at == place or not _is_switch(p)]
    parts = _parts(address)
    if parts:
        address = f"{parts.scheme.lower()}{parts.host}{parts.port}{parts.path}"
    return f"{address}?{'&'.join(kept)}"


def _in_text(text: str) -> Iterator[str]:
    return (match[0] for match in _URL.finditer(text))


def _in_html(html: str) -> Iterator[str]:
    for match in _IN_HTML.finditer(html):
        if match[4]:
            yield match[0]
            continue
        href = _unescaped(match[1] or match[2] or match[3] or "")
        yield _LINE_BREAKS.sub("", href.strip()).replace(" ", "%20")


def _tidied(written: str) -> str:
    """The URL without character references and the punctuation after it; "" if there is none."""
    found = _URL.match(_unescaped(written))
    if not found or len(found[0]) > MAX_URL_LENGTH:
        return ""
    url = found[0]
    if url[-1] not in _TRAILING:
        return url
    surplus = {close: url.count(close) - url.count(begin) for close, begin in _CLOSING.items()}
    end = len(url)
    while url[end - 1] in _PUNCTUATION or surplus.get(url[end - 1], 0) > 0:
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
    return url[:end]


def _unescaped(text: str) -> str:
    """Character references resolved, only those with a semicolon: &copy=1 is a parameter."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    reference = match[0]
    return unescape(reference) if reference[1] == "#" else html5.get(reference[1:], reference)


@lru_cache(maxsize=64)  # each URL is asked for several times in a row
def _parts(url: str) -> _Parts | None:
    """None for what is not plainly http(s)://host/…: user names and odd hosts are for tricks."""
    match = _PARTS.fullmatch(url)
    if not match:
        return None
    scheme, host, port, path, query = (group or "" for group in match.groups())
    return _Parts(scheme, host.lower(), port, path, query)


def _provider(parts: _Parts) -> str | None:
    for domain, provider, path in _PROVIDERS:
        if parts.host == domain or parts.host.endswith(f".{domain}"):
            return provider if path.search(parts.path) else None
    return None


def _unwrapped(url: str) -> str:
    """The target of a link that Outlook or Google put its own address around."""
    parts = _parts(url)
    if not parts:
        return url
    outlook = parts.host.endswith(".safelinks.protection.outlook.com")
    google = parts.host == "www.google.com" and parts.path == "/url"
    if not outlook and not google:
        return url
    parameters = parse_qs(parts.query)
    target = parameters.get("url") or parameters.get("q") or [""]
    return _tidied(target[0])


def _link(url: str) -> Link | None:
    parts = _parts(url)
    provider = _provider(parts) if parts else None
    if not parts or not provider:
        return None
    if provider != "dropbox":
        return Link(provider=provider, raw_url=url, direct_url=None)
    if _is_preview(parts):
        return None
    return Link(provider=provider, raw_url=url, direct_url=normalise_dropbox(url))


def _is_preview(parts: _Parts) -> bool:
    """Whether this is a picture shown in the mail, not a file that was left."""
    if not parts.path.startswith("/scl/fi/") or "raw=1" not in parts.query.split("&"):
        return False
    return bool(_PREVIEW.fullmatch(unquote(parts.path.rpartition("/")[2])))


def _is_switch(parameter: str) -> bool:
    return parameter.partition("=")[0] in ("dl", "raw")


def _identity(link: Link) -> str:
    parts = _parts(link.direct_url or link.raw_url)
    if not parts:
        return link.raw_url
    return f"{parts.host}{parts.path.rstrip('/')}?{parts.query}"
