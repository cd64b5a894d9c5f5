"""One stage of a mail's way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from django.utils import formats, timezone

State = Literal["done", "now", "stuck", "ahead"]


class Link(NamedTuple):
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """advice says what to do, command is what to type, links lead to where it is done."""

    title: str
    state: State = "ahead"
    text: str = ""
    advice: str = ""
    command: str = ""
    links: tuple[Link, ...] = ()


def moment(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")
