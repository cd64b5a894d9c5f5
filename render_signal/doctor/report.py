"""The findings, for people and for programs."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from render_signal.doctor.finding import Examined, Finding, Level, worst

Paint = Callable[[str], str]
INDENT = 2


def words() -> dict[Level, str]:
    """Not by colour alone."""
    return {
        Level.GREEN: pgettext("level", "green"),
        Level.YELLOW: pgettext("level", "yellow"),
        Level.RED: pgettext("level", "red"),
    }


def lines(examined: Examined, paints: Mapping[Level, Paint], width: int) -> Iterator[str]:
    """width 0: lines are never folded, as a file or a pipe wants them."""
    yield examined.title
    for finding in examined.findings:
        yield from _finding(finding, paints[finding.level], width)


def _finding(finding: Finding, paint: Paint, width: int) -> Iterator[str]:
    column = max(map(len, words().values()))
    word = words()[finding.level]
    margin = " " * (INDENT + column + 2)
    first, *more = _folded(finding.sentence, width, margin)
    yield f"{' ' * INDENT}{paint(word)}{' ' * (column - len(word))}  {first}"
    yield from (margin + line for line in more)
    if finding.advice:
        first, *more = _folded(finding.advice, width, margin + "→ ")
        yield f"{margin}→ {first}"
        yield from (f"{margin}  {line}" for line in more)


def _folded(text: str, width: int, margin: str) -> list[str]:
    if not width:
        return [text]
    room = max(30, width - len(margin))
    return textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False) or [""]


def summary(examined: Sequence[Examined]) -> str:
    count = counts(examined)
    facts = {level.value: count[level] for level in Level}
    return _("%(green)d green, %(yellow)d yellow, %(red)d red. %(verdict)s") % (
        facts | {"verdict": _verdict(worst(examined))}
    )


def _verdict(level: Level) -> str:
    if level is Level.RED:
        return _("Begin with what is red.")
    if level is Level.YELLOW:
        return _("It works, and could be safer.")
    return _("All is well.")


def counts(examined: Sequence[Examined]) -> Counter[Level]:
    return Counter(finding.level for each in examined for finding in each.findings)


def as_json(examined: Sequence[Examined]) -> str:
    """Levels are English words whatever the language."""
    count = counts(examined)
    content = {
        "level": worst(examined).value,
        "counts": {level.value: count[level] for level in Level},
        "findings": [
            {
                "examination": each.name,
                "level": finding.level.value,
                "sentence": finding.sentence,
                "advice": finding.advice,
            }
            for each in examined
            for finding in each.findings
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
