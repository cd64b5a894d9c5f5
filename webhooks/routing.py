"""To which endpoints a message goes, and with which fields of its own. Pure functions."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import regex

from configstore.documents import RoutingRules
from configstore.expressions import FLAGS
from configstore.fields import DEFAULT_ENDPOINT
from configstore.rules import FIELD_NAME, Condition, Rule
from webhooks.messages import Message

# Of one regular expression on one message, and of all of them. What takes longer is not met.
REGEX_SECONDS = 0.25
MESSAGE_SECONDS = 1.0
PLACEHOLDER = re.compile(rf"\{{({FIELD_NAME.pattern})\}}")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one condition said. slow: its regular expression was not done in time."""

    condition: Condition
    met: bool
    groups: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one rule said; no verdicts if a rule before it has ended the trial."""

    rule: Rule
    verdicts: tuple[Verdict, ...] = ()
    met: bool = False
    reached: bool = True

    @property
    def slow(self) -> bool:
        return any(verdict.slow for verdict in self.verdicts)

    def fields(self) -> dict[str, str]:
        """What the rule sets: its groups, and its fields with the groups put in."""
        groups: dict[str, str] = {}
        for verdict in self.verdicts:
            groups |= verdict.groups
        return groups | {name: _filled(text, groups) for name, text in self.rule.fields.items()}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One endpoint of a message. fields are those that any rule for the endpoint may set, None
    where none has: a receiver learns the structure from one sample."""

    endpoint: str
    fields: Mapping[str, str | None]


def trials(message: Message, rules: RoutingRules) -> list[Trial]:
    """Every rule that is in force, in the order in which they are tried."""
    done, stopped = [], False
    ends = time.monotonic() + MESSAGE_SECONDS
    for rule in sorted((rule for rule in rules.rules if rule.enabled), key=_priority):
        if stopped:
            done.append(Trial(rule=rule, reached=False))
            continue
        verdicts = tuple(_verdict(condition, message, ends) for condition in rule.conditions)
        met = all(verdict.met for verdict in verdicts)
        done.append(Trial(rule=rule, verdicts=verdicts, met=met))
        stopped = met and rule.stop
    return done


def routes(tried: Sequence[Trial], rules: RoutingRules) -> list[Route]:
    """The endpoints of the rules that were met, each once; of several rules for one the first
    sets a field. The default endpoint where no rule was."""
    chosen: dict[str, dict[str, str]] = {}
    for trial in tried:
        if trial.met:
            chosen[trial.rule.endpoint] = trial.fields() | chosen.get(trial.rule.endpoint, {})
    chosen = chosen or {DEFAULT_ENDPOINT: {}}
    return [
        Route(endpoint=name, fields={**dict.fromkeys(_settable(name, rules)), **fields})
        for name, fields in chosen.items()
    ]


def _priority(rule: Rule) -> int:
    return rule.priority


def _settable(endpoint: str, rules: RoutingRules) -> list[str]:
    return [
        name
        for rule in rules.rules
        if rule.enabled and rule.endpoint == endpoint
        for name in (*rule.groups, *rule.fields)
    ]


def _verdict(condition: Condition, message: Message, ends: float) -> Verdict:
    text = _part(condition, message)
    if condition.test == "equals":
        met = text.strip().casefold() == condition.value.strip().casefold()
        return Verdict(condition=condition, met=met)
    if condition.test == "contains":
        return Verdict(condition=condition, met=condition.value.casefold() in text.casefold())
    seconds = min(REGEX_SECONDS, max(ends - time.monotonic(), 0.001))
    try:
        found = regex.search(condition.value, text, FLAGS, timeout=seconds)
    except TimeoutError:
        return Verdict(condition=condition, met=False, slow=True)
    groups = {name: value or "" for name, value in found.groupdict().items()} if found else {}
    return Verdict(condition=condition, met=found is not None, groups=groups)


def _part(condition: Condition, message: Message) -> str:
    """The address alone can be equal to something; a name beside it can be searched for."""
    if condition.field == "sender":
        if condition.test == "equals":
            return message.sender_email
        return f"{message.sender} {message.sender_email}"
    return message.subject if condition.field == "subject" else message.text


def _filled(text: str, groups: Mapping[str, str]) -> str:
    """In one go: what a mail says is put in, and never filled in itself."""
    return PLACEHOLDER.sub(lambda found: groups.get(found[1], found[0]), text)
