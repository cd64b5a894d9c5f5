"""Rules on their way through a form: as they are stored, as they were typed, what is wrong."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from configstore.backends.base import JSONObject
from configstore.rules import Condition, Rule
from configstore.wording import field_error, translated

KEYS = re.compile(r"(\w+)-name")
CONDITION_KEYS = re.compile(r"conditions-(\w+)-value")
ASSIGNMENT = re.compile(r"\s*([^\s=]+)\s*=\s?(.*)")
# Where a fault has no place of its own on the page.
TOP = "name"


@dataclass(kw_only=True)
class ConditionDraft:
    """One row. rest holds the keys that nobody here knows; a row is blank where nobody has
    written anything."""

    field: str = "subject"
    test: str = "contains"
    value: str = ""
    rest: JSONObject = dataclasses.field(default_factory=dict)
    stored: bool = False
    errors: list[str] = dataclasses.field(default_factory=list)

    @property
    def blank(self) -> bool:
        return not (self.value or self.stored)

    @property
    def long(self) -> bool:
        """More than an input of one line can hold."""
        return "\n" in self.value

    def document(self) -> JSONObject:
        return self.rest | {"field": self.field, "test": self.test, "value": self.value}


@dataclass(kw_only=True)
class RuleDraft:
    """One card. fields is text, a line each; errors are by the name of the input. fresh: the rule
    is not stored; a condition that was left empty there is no rule for every mail."""

    name: str = ""
    enabled: bool = True
    priority: str = "100"
    endpoint: str = "default"
    stop: bool = True
    fields: str = ""
    fresh: bool = False
    rest: JSONObject = dataclasses.field(default_factory=dict)
    conditions: list[ConditionDraft] = dataclasses.field(default_factory=list)
    errors: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    @property
    def blank(self) -> bool:
        written = self.name.strip() or self.fields.strip() or self.rest
        return not (written or any(not row.blank for row in self.conditions))

    def rule(self) -> Rule | None:
        """None with the faults written where they belong."""
        rule, fields = None, {}
        try:
            fields = dict(_pairs(self.fields))
        except LineFault as exc:
            sentence = _("“%(line)s”: write a name and a value, as in detector = recadrage")
            self.errors["fields"] = [sentence % {"line": exc.line}]
        try:
            rule = Rule.model_validate(self._document(fields))
        except ValidationError as exc:
            for fault in exc.errors(include_url=False, include_input=False):
                self._place(fault["loc"], fault["msg"].removeprefix("Value error, "))
        return None if self.faulty else rule

    @property
    def faulty(self) -> bool:
        return bool(self.errors) or any(row.errors for row in self.conditions)

    def _document(self, fields: Mapping[str, str]) -> JSONObject:
        return self.rest | {
            "name": self.name,
            "enabled": self.enabled,
            "priority": self.priority.strip() or 100,
            "endpoint": self.endpoint,
            "stop": self.stop,
            "conditions": [row.document() for row in self.conditions],
            "fields": fields,
        }

    def _place(self, where: tuple[int | str, ...], what: str) -> None:
        match where:
            case ("conditions", int(row), "value") if not self.conditions[row].value:
                sentence = _(
                    "Write what is looked for. If the rule is meant for every mail, remove "
                    "the condition."
                )
                self.conditions[row].errors.append(sentence)
            case ("conditions", int(row), *_):
                self.conditions[row].errors.append(field_error(what))
            case ("fields", name, *_):
                self.errors.setdefault("fields", []).append(translated(f"{name}: {what}"))
            case (name, *_):
                self.errors.setdefault(str(name), []).append(field_error(what))
            case _:
                self.errors.setdefault(TOP, []).append(field_error(what))


class LineFault(Exception):
    """A line that sets no field."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def drafts_of(rules: Iterable[Rule]) -> list[RuleDraft]:
    return [
        RuleDraft(
            name=rule.name,
            enabled=rule.enabled,
            priority=str(rule.priority),
            endpoint=rule.endpoint,
            stop=rule.stop,
            fields="\n".join(f"{name} = {_line(value)}" for name, value in rule.fields.items()),
            rest=dict(rule.__pydantic_extra__ or {}),
            conditions=[_condition(each) for each in rule.conditions],
        )
        for rule in rules
    ]


def read(data: Mapping[str, Any], prefix: str) -> list[RuleDraft]:
    """What was typed, in the order of the page: browsers send fields in that order. Cards and
    rows that are blank, or marked to be removed, are left out."""
    found = [_rule(_below(data, f"{prefix}-{key}")) for key in _keys(_below(data, prefix), KEYS)]
    return [draft for draft in found if draft is not None and not draft.blank]


def _rule(data: Mapping[str, Any]) -> RuleDraft | None:
    if "remove" in data:
        return None
    rows = [
        _row(_below(data, f"conditions-{key}"))
        for key in _keys(data, CONDITION_KEYS)
        if f"conditions-{key}-remove" not in data
    ]
    written, fresh = [row for row in rows if not row.blank], "fresh" in data
    return RuleDraft(
        name=str(data["name"]),
        enabled="enabled" in data,
        priority=str(data.get("priority", "")),
        endpoint=str(data.get("endpoint", "")),
        stop=data.get("stop") != "go",
        fields=_lines(data.get("fields", "")),
        fresh=fresh,
        rest=_rest(data),
        conditions=written or (rows[:1] if fresh else []),
    )


def _row(data: Mapping[str, Any]) -> ConditionDraft:
    return ConditionDraft(
        field=str(data.get("field", "")),
        test=str(data.get("test", "")),
        value=_lines(data["value"]),
        rest=_rest(data),
        stored="stored" in data,
    )


def _condition(condition: Condition) -> ConditionDraft:
    return ConditionDraft(
        field=condition.field,
        test=condition.test,
        value=condition.value,
        rest=dict(condition.__pydantic_extra__ or {}),
        stored=True,
    )


def _below(data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The fields under this prefix, without it."""
    start = f"{prefix}-"
    return {name.removeprefix(start): data[name] for name in data if name.startswith(start)}


def _keys(data: Mapping[str, Any], pattern: re.Pattern[str]) -> list[str]:
    return [found[1] for name in data if (found := pattern.fullmatch(name))]


def _rest(data: Mapping[str, Any]) -> JSONObject:
    try:
        rest = json.loads(data.get("rest") or "{}")
    except ValueError:
        return {}
    return rest if isinstance(rest, dict) else {}


def _lines(text: Any) -> str:
    """Browsers send line ends as CR LF."""
    return str(text).replace("\r\n", "\n")


def _line(value: str) -> str:
    """A value on a line of its own: as a JSON string where it would not come back as it is."""
    plain = value == value.strip() and "\n" not in value and "\r" not in value
    return value if plain and not value.startswith('"') else json.dumps(value, ensure_ascii=False)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        if not line.strip():
            continue
        found = ASSIGNMENT.fullmatch(line)
        if not found:
            raise LineFault(line.strip())
        yield found[1], _value(found[2].strip())


def _value(written: str) -> str:
    if not (written.startswith('"') and written.endswith('"')):
        return written
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return value if isinstance(value, str) else written
