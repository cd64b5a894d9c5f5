"""What may be shown of what a connection says and hears: no credentials, nothing of a mail."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from polling.protocol.fetch_mask import HIDDEN, FetchMask

# A line of an answer is up to 1 MB long.
LONGEST_FETCH = 64 * 1024
LONGEST_SHOWN = 2000
SHORTEST_ENCODED = 4
# Their arguments are names of folders, numbers and flags, or say who we are.
PLAIN_COMMANDS = {
    "CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "ID", "ENABLE", "SELECT", "EXAMINE", "UNSELECT",
    "STATUS", "LIST", "CREATE", "IDLE", "UID FETCH", "UID STORE", "UID MOVE", "UID COPY",
    "FETCH", "STORE",
}  # fmt: skip
SEARCHES = {"UID SEARCH", "SEARCH"}
PLAIN_ANSWERS = {
    "CAPABILITY", "ENABLED", "FLAGS", "LIST", "LSUB", "STATUS", "SEARCH", "ESEARCH", "NAMESPACE",
    "ID", "VANISHED",
}  # fmt: skip
COMMAND = re.compile(r"(\S+) ((?:UID )?[A-Z]+)(?: (.*))?", re.DOTALL)
MECHANISM = re.compile(r"[A-Z0-9-]{1,20}", re.ASCII)
STATUS = re.compile(r"(\S+ (?:OK|NO|BAD|BYE|PREAUTH))(?: (.*))?", re.DOTALL)
CODE = re.compile(r"\[[A-Z0-9-]{1,40}\b")
COUNT = re.compile(r"\* \d{1,20} (?:EXISTS|RECENT|EXPUNGE)")
FETCH = re.compile(r"(\* \d{1,20} FETCH) (.*)", re.DOTALL)
UNTAGGED = re.compile(r"\* ([A-Z]+)(?: (.*))?", re.DOTALL)
LITERAL_END = re.compile(r"\{\d+\}$")
NUMBERS_ALONE = re.compile(r"[\d ()]*(?:MODSEQ [\d ()]*)?")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
# The key to a login, in the link by which a provider asks a person to confirm one.
QUERY = re.compile(r"(https?://[^\s?\]]+\?)[^\s\]]+", re.IGNORECASE)
LONG_WORD = re.compile(r"[A-Za-z0-9+=_.-]{40,}")
BASE64 = rb"[A-Za-z0-9+/=_-]*"


class Dialogue:
    """Of one connection. Only what has a form that is known to be harmless is shown; of all else
    there is an ellipsis, or the size. is_new: it is heard from its first line on."""

    def __init__(self, tag: bytes, *, is_new: bool = False) -> None:
        self._tag = tag.decode("ascii")
        self._greeting = is_new
        self._command = ""
        self._asked = False
        self._open: FetchMask | None = None
        self._continues = False

    def sent(self, data: bytes, secrets: Iterable[str] = ()) -> str:
        """ "" for what is no line of its own."""
        asked, self._asked = self._asked, False
        self._greeting = False
        if asked or self._command == "IDLE":
            return "DONE" if data == b"DONE\r\n" else "" if data == b"\r\n" else HIDDEN
        text = _text(data)
        found = COMMAND.fullmatch(text.rstrip("\r\n"))
        if not found or not self._is_tag(found[1]):
            return "" if data == b"\r\n" else HIDDEN
        self._command = found[2]
        arguments = self._arguments(found[3] or "")
        return _finished(f"{found[1]} {found[2]} {arguments}".rstrip(), secrets)

    def received(self, line: bytes, secrets: Iterable[str] = ()) -> str:
        if not line:
            return "(the connection has ended)"
        text = _text(line).rstrip("\r\n")
        shown = self._behind_literal(text) if self._continues else self._answer(text)
        self._greeting = False
        self._continues = bool(LITERAL_END.search(text))
        if not self._continues:
            self._open = None
        return _finished(shown, secrets)

    def _is_tag(self, word: str) -> bool:
        return word.startswith(self._tag) and word[len(self._tag) :].isdecimal()

    def _arguments(self, text: str) -> str:
        if self._command in PLAIN_COMMANDS:
            return text
        if self._command in SEARCHES:
            return QUOTED.sub(HIDDEN, text)
        mechanism = text.partition(" ")[0]
        if self._command == "AUTHENTICATE" and MECHANISM.fullmatch(mechanism):
            return f"{mechanism} {HIDDEN}"
        return HIDDEN

    def _behind_literal(self, text: str) -> str:
        if self._open is not None and len(text) <= LONGEST_FETCH:
            return self._open.shown(text)
        return HIDDEN if text else ""

    def _answer(self, text: str) -> str:
        if text.startswith("+"):
            self._asked = True
            return text if self._command == "IDLE" else f"+ {HIDDEN}"
        if found := STATUS.fullmatch(text):
            if self._is_tag(found[1].partition(" ")[0]):
                self._command = ""
                return text
            if found[1].startswith("* "):
                return self._status(found[1], found[2] or "")
        if COUNT.fullmatch(text):
            return text
        if found := FETCH.fullmatch(text):
            return self._fetched(found[1], found[2])
        if found := UNTAGGED.fullmatch(text):
            return self._untagged(found[1], found[2] or "")
        return text[:200] if self._greeting else f"{HIDDEN} ({len(text)})"

    @property
    def _reading(self) -> bool:
        """Whether a mail is on its way, of which a line may begin like anything."""
        return self._command.endswith("FETCH")

    def _status(self, kind: str, text: str) -> str:
        if not self._reading or kind == "* BYE":
            return f"{kind} {text}"
        code = CODE.match(text)
        return f"{kind} {code[0]}…]" if code else f"{kind} {HIDDEN}"

    def _fetched(self, kind: str, text: str) -> str:
        if len(text) > LONGEST_FETCH:
            return f"{kind} {HIDDEN} ({len(text)})"
        self._open = FetchMask()
        return f"{kind} {self._open.shown(text)}"

    def _untagged(self, name: str, text: str) -> str:
        numbers_only = name == "SEARCH" and not NUMBERS_ALONE.fullmatch(text)
        if name not in PLAIN_ANSWERS or self._reading or numbers_only:
            return f"* {HIDDEN} ({len(text)})"
        return f"* {name} {text}".rstrip()


def _text(data: bytes) -> str:
    """One character for each octet."""
    return data.decode("latin-1")


def _finished(shown: str, secrets: Iterable[str]) -> str:
    return concealed(shown.replace(HIDDEN, "\0").encode("latin-1"), secrets)


def concealed(raw: bytes, secrets: Iterable[str]) -> str:
    """Without what is known to be secret, wherever somebody repeats it."""
    raw = without(raw, secrets)
    text = raw[:LONGEST_SHOWN].decode("utf-8", "backslashreplace").replace("\0", HIDDEN)
    text = LONG_WORD.sub(HIDDEN, QUERY.sub(rf"\1{HIDDEN}", text))
    return "".join(char if char.isprintable() else "·" for char in text)


def without(raw: bytes, secrets: Iterable[str]) -> bytes:
    """A zero octet stands for each of them."""
    for secret in secrets:
        raw = _without(raw, secret)
    return raw


def _without(raw: bytes, secret: str) -> bytes:
    plain = secret.encode()
    for form in (plain, *_quoted(plain)):
        raw = raw.replace(form, b"\0") if form else raw
    for form in _encoded(plain):
        # A word in base64 goes as a whole.
        raw = re.sub(BASE64 + re.escape(form) + BASE64, b"\0", raw) if form in raw else raw
    return raw


def _quoted(plain: bytes) -> Iterator[bytes]:
    yield plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    yield quote(plain, safe="").encode()


def _encoded(plain: bytes) -> Iterator[bytes]:
    """What of its base64 does not depend on what stands around it, behind 0, 1 or 2 octets."""
    for before, first in enumerate((0, 2, 3)):
        encoded = base64.b64encode(bytes(before) + plain)
        inner = encoded[first : (before + len(plain)) * 8 // 6]
        if len(inner) >= SHORTEST_ENCODED:
            yield inner
            yield inner.translate(bytes.maketrans(b"+/", b"-_"))
