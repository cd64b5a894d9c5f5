"""Lists of the admin on a phone: each row is a block, and each value says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()
EMPTY = re.compile(r"<td[^>]*>(?:-|&nbsp;)?</td>")


@register.filter
def labelled(cells: Iterable[str], headers: Sequence[Mapping[str, Any]]) -> Iterator[SafeString]:
    """The cells of a row, with the heading of their column for the style sheet; an empty one has
    none. cells are those of Django's list: whole elements, in the order of the headings."""
    for cell, header in zip(cells, headers, strict=False):
        if not cell.startswith("<td") or "action-checkbox" in cell.partition(">")[0]:
            yield SafeString(cell)
            continue
        label = "" if EMPTY.fullmatch(cell) else escape(capfirst(header["text"]))
        yield mark_safe(f'<td data-label="{label}"{cell[3:]}')  # noqa: S308  (escaped above)
