"""The structure of a mail: its text parts and the names of its attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from polling.content_fields import MAX_BOUNDARY, ContentFields, content_fields
from polling.headers import MAX_HEADER_BYTES
from polling.mail import TextPart
from polling.transfer import decode_transfer

MAX_DEPTH = 50
MAX_PARTS = 200
MAX_PART_HEADER_BYTES = 65_536
MAX_ENCODED_BYTES = 4_194_304

# Cut off a little beyond the longest boundary, so that a longer line cannot pass for one.
_DELIMITER = re.compile(rb"^--([^\r\n]{1,%d})[^\n]*\n?" % (MAX_BOUNDARY + 50), re.MULTILINE)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_NOT_A_FIELD = re.compile(rb"^(?!From |[ \t\r]|[!-9;-~]+[ \t]*:)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Structure:
    """complete is false if a limit on depth or number of parts left something out."""

    parts: tuple[TextPart, ...]
    attachments: tuple[str, ...]
    complete: bool


@dataclass(kw_only=True)
class _Multipart:
    boundary: bytes
    subtype: str
    body: int
    met: bool = False


@dataclass(frozen=True, kw_only=True)
class _Delimiter:
    """A line that ends what stands before it: level is the index of its multipart."""

    level: int
    closing: bool
    start: int
    end: int


def walk(raw: bytes) -> Structure:
    """Takes a mail apart in one pass. Never raises, whatever the bytes are."""
    walker = _Walker(raw if b"\n" in raw else raw.replace(b"\r", b"\n"))
    start: int | None = 0
    while start is not None:
        start = walker.take_entity(start)
    return Structure(
        parts=tuple(walker.parts),
        attachments=tuple(walker.attachments),
        complete=walker.complete,
    )


class _Walker:
    """Every line is looked at once, with all open boundaries in mind.

    A part whose end is missing therefore ends where one around it does, and the time taken
    does not depend on the depth.
    """

    def __init__(self, raw: bytes) -> None:
        self.parts: list[TextPart] = []
        self.attachments: list[str] = []
        self.complete = True
        self._raw = raw
        self._open: list[_Multipart] = []
        self._taken = 0

    def take_entity(self, start: int) -> int | None:
        """Returns where the next entity starts, None at the end of the mail."""
        if self._taken == MAX_PARTS:
            self.complete = False
            return None
        self._taken += 1
        header_end, body = self._header_end(start)
        delimiter = self._next_delimiter(start, body)
        if delimiter:  # cut off within its header
            header_end = body = delimiter.start
        fields = content_fields(self._raw[start:header_end], self._default_type())
        if fields.is_multipart and not delimiter:
            self._enter(fields, body)
        delimiter = delimiter or self._next_delimiter(body, len(self._raw))
        if not fields.is_multipart:
            self._take_leaf(fields, body, delimiter)
        return self._follow(delimiter)

    def _header_end(self, start: int) -> tuple[int, int]:
        """Where the header of an entity ends, and where its body starts."""
        raw = self._raw
        if raw.startswith((b"\n", b"\r\n"), start):
            return start, raw.index(b"\n", start) + 1
        longest = MAX_PART_HEADER_BYTES if start else MAX_HEADER_BYTES
        limit = min(len(raw), start + longest)
        blank = _BLANK_LINE.search(raw, start, limit)
        end, body = (blank.start() + 1, blank.end()) if blank else (limit, limit)
        stray = _NOT_A_FIELD.search(raw, start, end)
        if stray and stray.start() < end:
            return stray.start(), stray.start()
        return end, body

    def _default_type(self) -> str:
        digest = self._open and self._open[-1].subtype == "multipart/digest"
        return "message/rfc822" if digest else "text/plain"

    def _enter(self, fields: ContentFields, body: int) -> None:
        if len(self._open) == MAX_DEPTH:
            self.complete = False
            return
        self._open.append(
            _Multipart(boundary=fields.boundary, subtype=fields.content_type, body=body)
        )

    def _next_delimiter(self, start: int, end: int) -> _Delimiter | None:
        if not self._open:
            return None
        levels = {part.boundary: level for level, part in enumerate(self._open) if part.boundary}
        for match in _DELIMITER.finditer(self._raw, start, end):
            line = match[1].rstrip(b" \t")
            closing = line not in levels and line.endswith(b"--")
            level = levels.get(line[:-2] if closing else line)
            if level is not None:
                return _Delimiter(
                    level=level, closing=closing, start=match.start(), end=match.end()
                )
        return None

    def _follow(self, delimiter: _Delimiter | None) -> int | None:
        """Closes what a delimiter closes; returns where the next entity starts."""
        while delimiter and delimiter.closing:
            self._open[delimiter.level].met = True
            self._close_down_to(delimiter.level, delimiter)
            delimiter = self._next_delimiter(delimiter.end, len(self._raw))
        if delimiter is None:
            self._close_down_to(0, None)
            return None
        self._open[delimiter.level].met = True
        self._close_down_to(delimiter.level + 1, delimiter)
        return delimiter.end

    def _close_down_to(self, level: int, delimiter: _Delimiter | None) -> None:
        """Closes multiparts; one whose boundary never came is read as plain text."""
        while len(self._open) > level:
            part = self._open.pop()
            if not part.met:
                self._take_leaf(ContentFields(content_type="text/plain"), part.body, delimiter)

    def _take_leaf(self, fields: ContentFields, start: int, delimiter: _Delimiter | None) -> None:
        if not fields.is_text:
            self._take_attachment(fields)
            return
        end = self._end_before(delimiter, start) if delimiter else len(self._raw)
        encoded = self._raw[start : min(end, start + MAX_ENCODED_BYTES)]
        self.parts.append(
            TextPart(
                subtype=fields.content_type.partition("/")[2],
                charset=fields.charset,
                content=decode_transfer(encoded, fields.encoding),
            )
        )

    def _take_attachment(self, fields: ContentFields) -> None:
        if fields.is_attachment:
            self.attachments.append(fields.name or fields.content_type)

    def _end_before(self, delimiter: _Delimiter, start: int) -> int:
        """The line break before a delimiter belongs to it (RFC 2046, 5.1.1)."""
        end = delimiter.start
        if end > start and self._raw[end - 1] == ord("\n"):
            end -= 1
        if end > start and self._raw[end - 1] == ord("\r"):
            end -= 1
        return end
