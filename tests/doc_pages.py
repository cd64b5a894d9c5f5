"""The pages of the documentation, and what can be read out of Markdown."""

from __future__ import annotations

import re
from pathlib import Path

from tests.environment import ROOT

DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "cloudflare/README.md")),
    *sorted(DOCS.glob("*.md")),
]
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"``.+?``|`[^`\n]+`")


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(text: str) -> str:
    """Without what is shown as code."""
    return CODE.sub("", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower())
        name = again = plain.replace(" ", "-")
        number = 0
        while again in found:
            number += 1
            again = f"{name}-{number}"
        found.add(again)
    return found


def section(text: str, heading: str) -> str:
    """From this heading to the next one of its level or above."""
    level, _, _ = heading.partition(" ")
    start = text.index(f"\n{heading}\n") + len(heading) + 2
    end = re.search(rf"^#{{1,{len(level)}}} ", text[start:], re.MULTILINE)
    return text[start : start + end.start()] if end else text[start:]


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    lines = text[text.index(f"| {first} |") :].split("\n\n", 1)[0].splitlines()[2:]
    return [
        [cell.strip() for cell in re.split(r"(?<= )\|(?= )", line.strip("|"))] for line in lines
    ]


def example(text: str, heading: str, language: str) -> str:
    """The first one of that language below the heading."""
    found = re.search(
        rf"^```{language}\n(.*?)^```$", section(text, heading), re.MULTILINE | re.DOTALL
    )
    assert found, f"{heading}: no example in {language}"
    return found[1]
