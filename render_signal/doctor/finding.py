"""What an examination finds, and how bad that is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from configstore.labels import by_label


class Level(enum.StrEnum):
    """green: it works. yellow: it works, with less safety than it could. red: it does not."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence on what was found, and one on what to do; "" where nothing is to be done. Both
    are free of secrets, and name fields as their page does."""

    level: Level
    sentence: str
    advice: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", by_label(self.sentence))
        object.__setattr__(self, "advice", by_label(self.advice))


def green(sentence: str) -> Finding:
    return Finding(level=Level.GREEN, sentence=sentence)


def yellow(sentence: str, advice: str) -> Finding:
    return Finding(level=Level.YELLOW, sentence=sentence, advice=advice)


def red(sentence: str, advice: str) -> Finding:
    return Finding(level=Level.RED, sentence=sentence, advice=advice)


def sentence(text: str) -> str:
    """What others have put in words, with the end that a sentence has."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


Run = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """run gives at least one finding. It may raise DatabaseError and ConfigurationUnknown: those
    are told by the examinations of their own. name is "mailbox:sales" where there are several of
    its kind."""

    name: str
    title: Any
    run: Run

    @property
    def kind(self) -> str:
        return self.name.partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One examination that is over."""

    name: str
    title: str
    findings: tuple[Finding, ...]


def worst(examined: Iterable[Examined]) -> Level:
    levels = {finding.level for each in examined for finding in each.findings}
    return next((level for level in (Level.RED, Level.YELLOW) if level in levels), Level.GREEN)
