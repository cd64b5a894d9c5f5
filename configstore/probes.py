"""Trying settings out before they are saved: the buttons beside the fields.

What a probe does is known to the packages above this one; they register theirs when they
start, as models register with the admin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a probe found, as a sentence, and facts by name. Both are free of secrets. advice is
    what to do about it. fault is what kind of trouble it is, for a page that knows an advice of
    its own; "" where nobody tells."""

    ok: bool
    sentence: str
    facts: tuple[tuple[str, str], ...] = ()
    advice: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """run(document name, document) tries it and answers within half a minute; it never raises
    for anything that the other side does. kind is the document's base name, field the one that
    the button stands beside."""

    id: str
    kind: str
    field: str
    label: Any
    run: Callable[[str, Any], Answer]


Rule = Callable[[Any], str]
"""What is wrong with the value of a field, "" for nothing: what only a package above knows."""

_probes: dict[str, Probe] = {}
_rules: dict[tuple[str, str], Rule] = {}


def register(probe: Probe) -> None:
    _probes[probe.id] = probe


def register_rule(kind: str, field: str, rule: Rule) -> None:
    _rules[kind, field] = rule


def fault_of(kind: str, field: str, value: Any) -> str:
    rule = _rules.get((kind, field))
    return rule(value) if rule else ""


def probe_named(name: str) -> Probe | None:
    return _probes.get(name)


def probes_of(kind: str) -> list[Probe]:
    return [probe for probe in _probes.values() if probe.kind == kind]
