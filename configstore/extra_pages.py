"""Pages about a document that only the packages above this one can make.

They register theirs when they start, as they do with probes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class ExtraPage:
    """view is the name of its address; show answers with the page over a document that is not
    saved yet."""

    kind: str
    label: Any
    view: str
    show: Callable[[HttpRequest, Any], HttpResponse]

    @property
    def address(self) -> str:
        return reverse(self.view)


_pages: dict[str, ExtraPage] = {}


def register(page: ExtraPage) -> None:
    _pages[page.kind] = page


def page_of(kind: str) -> ExtraPage | None:
    return _pages.get(kind)
