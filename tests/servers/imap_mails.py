"""The mails of a scripted IMAP server: what SEARCH and FETCH say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from functools import lru_cache

ITEM = re.compile(
    r"BODY(?:\.PEEK)?\[(?P<section>[^\]]*)\](?:<(?P<start>\d+)\.(?P<count>\d+)>)?|[\w.]+",
    re.IGNORECASE,
)
TOKEN = re.compile(r'\(|\)|"[^"]*"|[^\s()"]+')
SEQUENCE = re.compile(r"\d+:(?:\d+|\*)")
FLAG_KEYS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")


@dataclass
class ScriptedMail:
    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    received: datetime = field(default_factory=lambda: datetime.now(UTC))

    def fetch(self, items: str) -> bytes:
        """What stands between the brackets of the answer to a FETCH."""
        names = {"ALL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"}.get(items.upper(), items)
        parts = [f"UID {self.uid}".encode()]
        for match in ITEM.finditer(names):
            if match["section"] is not None:
                parts.append(self._body(match))
            elif match[0].upper() != "UID":
                parts.append(self._item(match[0].upper()))
        return b" ".join(parts)

    def _item(self, name: str) -> bytes:
        if name == "FLAGS":
            value = f"({' '.join(sorted(self.flags))})"
        elif name == "INTERNALDATE":
            value = f'"{self.received:%d-%b-%Y %H:%M:%S %z}"'
        elif name == "RFC822.SIZE":
            value = str(len(self.raw))
        elif name in ("BODYSTRUCTURE", "BODY"):
            value = structure(self._parsed())
        else:
            value = "NIL"
        return f"{name} {value}".encode()

    def _body(self, match: re.Match[str]) -> bytes:
        content = self.section(match["section"])
        name = f"BODY[{match['section']}]"
        if match["start"] is not None:
            start = int(match["start"])
            content = content[start : start + int(match["count"])]
            name += f"<{start}>"
        return f"{name} {{{len(content)}}}\r\n".encode() + content

    def section(self, name: str) -> bytes:
        numbers = re.match(r"(?:\d+\.?)*", name)
        rest = name[numbers.end() :].upper() if numbers else name.upper()
        part = self._parsed()
        for number in re.findall(r"\d+", numbers[0] if numbers else ""):
            children = part.get_payload()
            if isinstance(children, list):
                part = children[int(number) - 1]  # type: ignore[assignment]
        whole = _bytes(part) if numbers and numbers[0] else self.raw
        head, _, body = whole.partition(b"\r\n\r\n")
        if rest.startswith("HEADER.FIELDS"):
            wanted = {field.upper() for field in re.findall(r"[\w-]+", rest.split("(")[1])}
            lines = re.findall(rb"[^\r\n]+(?:\r\n[ \t][^\r\n]*)*", head)
            kept = [line for line in lines if line.split(b":")[0].decode().upper() in wanted]
            return b"".join(line + b"\r\n" for line in kept) + b"\r\n"
        if rest in ("HEADER", "MIME"):
            return head + b"\r\n\r\n"
        return self.raw if not name else body

    def _parsed(self) -> Message:
        return BytesParser(policy=compat32).parsebytes(self.raw)


def _bytes(part: Message) -> bytes:
    """Byte for byte as it came: the generator would fold and re-encode."""
    head = "".join(f"{name}: {value}\r\n" for name, value in part.raw_items())
    payload = part.get_payload()
    if isinstance(payload, list):
        return part.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return f"{head}\r\n{payload}".encode("ascii", "surrogateescape")


def structure(part: Message) -> str:
    """RFC 3501, 7.4.2: BODYSTRUCTURE, with the extension data up to the disposition."""
    payload = part.get_payload()
    kind, subtype = part.get_content_maintype().upper(), part.get_content_subtype().upper()
    extension = f"NIL {_disposition(part)} NIL NIL"
    if isinstance(payload, list):
        children = "".join(structure(child) for child in payload)  # type: ignore[arg-type]
        return f'({children} "{subtype}" {_parameters(part)} {_disposition(part)} NIL NIL)'
    size = len(str(payload).encode("ascii", "surrogateescape"))
    lines = f" {str(payload).count(chr(10))}" if kind == "TEXT" else ""
    encoding = str(part.get("Content-Transfer-Encoding", "7BIT")).upper()
    fixed = f'"{kind}" "{subtype}" {_parameters(part)} NIL NIL "{encoding}" {size}{lines}'
    return f"({fixed} {extension})"


def _parameters(part: Message, header: str = "Content-Type") -> str:
    pairs = (part.get_params(header=header) or [])[1:]
    inner = " ".join(f'"{name.upper()}" "{value}"' for name, value in pairs)
    return f"({inner})" if inner else "NIL"


def _disposition(part: Message) -> str:
    name = part.get_content_disposition()
    return f'("{name.upper()}" {_parameters(part, "Content-Disposition")})' if name else "NIL"


def in_set(number: int, numbers: str, last: int) -> bool:
    """Whether a number is in a set such as 1:3,7,9:*."""
    return any(low <= number <= high for low, high in _ranges(numbers, last))


@lru_cache
def _ranges(numbers: str, last: int) -> list[tuple[int, int]]:
    found = []
    for part in numbers.split(","):
        low, _, high = part.partition(":")
        ends = sorted(last if end == "*" else int(end) for end in (low, high or low))
        found.append((ends[0], ends[1]))
    return found


@lru_cache
def _day(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%Y").replace(tzinfo=UTC).date()


class Criteria:
    """A SEARCH, evaluated key by key."""

    def __init__(self, text: str, last: int) -> None:
        self._tokens = TOKEN.findall(text)
        self._last = last

    def window(self, count: int) -> slice:
        """The sequence numbers that a search is about: a first word such as 5:9 or 5:*."""
        if not self._tokens or not SEQUENCE.fullmatch(self._tokens[0]):
            return slice(0, count)
        low, high = (count if end == "*" else int(end) for end in self._tokens.pop(0).split(":"))
        return slice(min(low, high) - 1, max(low, high))

    def match(self, mail: ScriptedMail) -> bool:
        return self._all(mail, self._tokens[:])

    def _all(self, mail: ScriptedMail, tokens: list[str]) -> bool:
        result = True
        while tokens and tokens[0] != ")":
            result = self._key(mail, tokens) and result
        return result

    def _key(self, mail: ScriptedMail, tokens: list[str]) -> bool:
        key = tokens.pop(0).upper()
        if key == "(":
            result = self._all(mail, tokens)
            tokens.pop(0)
            return result
        if key == "NOT":
            return not self._key(mail, tokens)
        if key == "OR":
            either = [self._key(mail, tokens), self._key(mail, tokens)]
            return any(either)
        if key.removeprefix("UN") in FLAG_KEYS:
            flag = "\\" + key.removeprefix("UN").capitalize()
            return (flag in mail.flags) != key.startswith("UN")
        if key in ("ALL", "NEW", "OLD", "RECENT"):
            return True
        return self._key_with_value(key, tokens.pop(0).strip('"'), mail)

    def _key_with_value(self, key: str, value: str, mail: ScriptedMail) -> bool:
        if key in ("KEYWORD", "UNKEYWORD"):
            return (value in mail.flags) == (key == "KEYWORD")
        if key == "UID":
            return in_set(mail.uid, value, self._last)
        if key in ("SINCE", "BEFORE"):
            return (mail.received.date() >= _day(value)) == (key == "SINCE")
        raise ValueError(f"SEARCH {key} is not scripted")
