"""The Content-* fields of a mail or of one of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from urllib.parse import unquote_to_bytes

from polling.charsets import decode_text
from polling.headers import decode_field

MAX_VALUE_BYTES = 4096
MAX_BOUNDARY = 200
MAX_NAME = 255
OFTEN_SEEN_BYTES = 512

_FIELD = re.compile(
    rb"^content-(type|disposition|transfer-encoding)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_TYPE = re.compile(r"\s*([\w.+-]+/[\w.+-]+)", re.ASCII)
_WORD = re.compile(r"\s*([\w.+-]*)", re.ASCII)
_PARAMETER = re.compile(
    r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|\Z)|([^;]*))', re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class ContentFields:
    """content_type, disposition and encoding in lower case; "" where the sender said nothing."""

    content_type: str
    disposition: str = ""
    encoding: str = ""
    charset: str = ""
    boundary: bytes = b""
    name: str = ""

    @property
    def is_text(self) -> bool:
        return is_text_part(self.content_type, self.disposition)

    @property
    def is_attachment(self) -> bool:
        return is_attachment_part(self.content_type, self.disposition, self.name)

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")


def is_text_part(content_type: str, disposition: str) -> bool:
    """Whether this part is read as text of the mail. Both arguments in lower case."""
    return content_type in ("text/plain", "text/html") and disposition != "attachment"


def is_attachment_part(content_type: str, disposition: str, name: str) -> bool:
    """Whether a person would call this part an attachment: not so a picture in a signature."""
    if is_text_part(content_type, disposition) or content_type.startswith("multipart/"):
        return False
    if disposition == "attachment" or content_type == "message/rfc822":
        return True
    if disposition == "inline" and content_type.startswith("image/"):
        return False
    return bool(name) or not content_type.startswith(("text/", "message/"))


def content_fields(header: bytes, default_type: str) -> ContentFields:
    """What a header block says of its content; the first of several equal fields counts."""
    read = _read_again if len(header) <= OFTEN_SEEN_BYTES else _read
    return read(header, default_type)


@lru_cache(maxsize=256)
def _read_again(header: bytes, default_type: str) -> ContentFields:
    """The blocks of parts are the same in most mails of a sender."""
    return _read(header, default_type)


def _read(header: bytes, default_type: str) -> ContentFields:
    raw: dict[bytes, str] = {}
    for match in _FIELD.finditer(header):
        value = match[2][:MAX_VALUE_BYTES].replace(b"\r\n", b"").replace(b"\n", b"")
        raw.setdefault(match[1].lower(), value.decode("latin-1"))
    typed = raw.get(b"type", "")
    disposed = raw.get(b"disposition", "")
    found = _TYPE.match(typed)
    of_type = _parameters(typed)
    disposition = _word(disposed)
    return ContentFields(
        content_type=found[1].lower() if found else _default(typed, default_type),
        disposition=disposition,
        encoding=_word(raw.get(b"transfer-encoding", "")),
        charset=_first_word(decoded_parameter(of_type, "charset")),
        boundary=_boundary(of_type),
        name=decoded_parameter(_parameters(disposed), "filename")
        or decoded_parameter(of_type, "name"),
    )


def _boundary(parameters: Mapping[str, str]) -> bytes:
    written = parameters.get("boundary")
    boundary = (
        decoded_parameter(parameters, "boundary").encode()
        if written is None
        else written.encode("latin-1")
    )
    return boundary.rstrip()[:MAX_BOUNDARY]


def _default(written: str, default_type: str) -> str:
    """RFC 2045, 5.2: a type that cannot be read is plain text."""
    return "text/plain" if written.strip() else default_type


def _word(value: str) -> str:
    found = _WORD.match(value)
    return found[1].lower() if found else ""


def _first_word(value: str) -> str:
    return value.split(maxsplit=1)[0] if value.strip() else ""


def _parameters(value: str) -> dict[str, str]:
    if ";" not in value:
        return {}
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(value):
        text = match[3].strip() if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        found.setdefault(match[1].lower(), text)
    return found


def decoded_parameter(parameters: Mapping[str, str], name: str) -> str:
    """A parameter in any of the spellings of RFC 2231, or with encoded words in it; "" if absent.

    Names are in lower case, values latin-1 for the bytes that were sent.
    """
    if f"{name}*" in parameters:
        return _extended([(parameters[f"{name}*"], True)])
    if f"{name}*0" in parameters or f"{name}*0*" in parameters:
        return _extended(_pieces(parameters, name))
    if name not in parameters:
        return ""
    return decode_field(parameters[name].encode("latin-1"), MAX_NAME)


def _pieces(parameters: Mapping[str, str], name: str) -> list[tuple[str, bool]]:
    pieces = []
    for number in count():
        key = f"{name}*{number}"
        if f"{key}*" in parameters:
            pieces.append((parameters[f"{key}*"], True))
        elif key in parameters:
            pieces.append((parameters[key], False))
        else:
            return pieces
    return pieces


def _extended(pieces: list[tuple[str, bool]]) -> str:
    charset, first = "", pieces[0]
    if first[1] and first[0].count("'") >= 2:
        charset, _, rest = first[0].split("'", 2)
        pieces = [(rest, True), *pieces[1:]]
    content = b"".join(
        unquote_to_bytes(text) if quoted else text.encode("latin-1") for text, quoted in pieces
    )
    return decode_field(decode_text(content, charset).encode(), MAX_NAME)
