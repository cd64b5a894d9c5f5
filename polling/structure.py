"""Reading a BODYSTRUCTURE (RFC 9051, 7.5.2), however odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from polling.content_fields import decoded_parameter, is_attachment_part, is_text_part

DEEPEST = 50


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part that can be fetched by its number. size is in octets, as encoded."""

    number: str
    content_type: str
    charset: str
    encoding: str
    size: int
    name: str
    disposition: str

    @property
    def subtype(self) -> str:
        return self.content_type.partition("/")[2]


def is_sound(structure: Any) -> bool:
    """Whether each part says what it is: of others, texts may be hidden anywhere."""
    sections = list(_sections(structure, "", 0))
    typed = all(all(section.content_type.split("/", 1)) for section in sections)
    return bool(sections) and typed and _depth(structure) <= DEEPEST


def text_sections(structure: Any) -> list[Section]:
    """The text/plain and text/html parts that are not attachments, in order."""
    return [
        section
        for section in _sections(structure, "", 0)
        if is_text_part(section.content_type, section.disposition)
    ]


def attachments(structure: Any) -> tuple[str, ...]:
    """The names of the parts that are attachments; a part without a name is its type."""
    return tuple(
        section.name or section.content_type
        for section in _sections(structure, "", 0)
        if is_attachment_part(section.content_type, section.disposition, section.name)
    )


def _depth(body: Any) -> int:
    """Of the parts within parts, counted no further than that it is too much."""
    depth, level = 0, [body]
    while level and depth <= DEEPEST:
        level = [child for each in level for child in _children(each)]
        depth += 1
    return depth


def _children(body: Any) -> list[Any]:
    """imapclient gives the children of a multipart as one list in front."""
    if not isinstance(body, tuple | list) or not body or not isinstance(body[0], tuple | list):
        return []
    return list(body[0]) if isinstance(body[0], list) else [c for c in body if isinstance(c, tuple)]


def _sections(body: Any, prefix: str, depth: int) -> Iterator[Section]:
    if not isinstance(body, tuple | list) or not body or depth > DEEPEST:
        return
    if not isinstance(body[0], tuple | list):
        yield _section(body, prefix or "1")
        return
    for number, child in enumerate(_children(body), 1):
        yield from _sections(child, f"{prefix}.{number}" if prefix else str(number), depth + 1)


def _section(body: Any, number: str) -> Section:
    parameters = _pairs(_at(body, 2))
    disposition, fields = _disposition(body)
    return Section(
        number=number,
        content_type=f"{_text(_at(body, 0))}/{_text(_at(body, 1))}",
        charset=decoded_parameter(parameters, "charset").lower(),
        encoding=_text(_at(body, 5)),
        size=_at(body, 6) if isinstance(_at(body, 6), int) else 0,
        name=decoded_parameter(fields, "filename") or decoded_parameter(parameters, "name"),
        disposition=disposition,
    )


def _disposition(body: Any) -> tuple[str, dict[str, str]]:
    """It stands after the fields of the type, whose number varies: look for its shape."""
    for value in body[7:]:
        if isinstance(value, tuple | list) and value and isinstance(value[0], bytes):
            name = value[0].lower()
            if name in (b"attachment", b"inline"):
                return name.decode(), _pairs(_at(value, 1))
    return "", {}


def _pairs(value: Any) -> dict[str, str]:
    if not isinstance(value, tuple | list):
        return {}
    items = [item.decode("latin-1") if isinstance(item, bytes) else "" for item in value]
    return {name.lower(): text for name, text in zip(items[::2], items[1::2], strict=False)}


def _at(body: Any, index: int) -> Any:
    return body[index] if len(body) > index else None


def _text(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""
