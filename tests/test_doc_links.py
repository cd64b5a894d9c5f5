"""Every link of the documentation leads somewhere, and the front page is short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doc_pages import DOCS, PAGES, anchors, prose, read

LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
ELSEWHERE = ("http://", "https://", "mailto:")
MOST_LINES = 200
MOST_BYTES = 150_000


def links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(read(page))):
        if not target.startswith(ELSEWHERE):
            yield target


def leads_somewhere(page: Path, target: str) -> bool:
    place, _, anchor = target.partition("#")
    file = (page.parent / place).resolve() if place else page
    if not file.exists():
        return False
    return not anchor or anchor in anchors(read(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not leads_somewhere(page, target)] == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    assert not leads_somewhere(PAGES[0], "docs/nothing.md")
    assert not leads_somewhere(PAGES[0], "docs/user-guide.md#nothing")
    assert leads_somewhere(PAGES[0], "docs/user-guide.md#the-journal")


def test_each_page_and_picture_is_linked() -> None:
    """From the front page, or from one that it leads to."""
    found = {(page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in
             links(page)}  # fmt: skip
    lost = {*DOCS.glob("*.md"), *(DOCS / "images").glob("*")} - found
    assert lost == set()


def test_the_front_page_is_short() -> None:
    assert len(read(PAGES[0]).splitlines()) <= MOST_LINES


def test_the_pictures_are_small() -> None:
    pictures = [*(DOCS / "images").glob("*.png")]
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size > MOST_BYTES] == []
