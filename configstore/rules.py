"""The rules that say which mail goes to which endpoint, as routing_rules holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from configstore.expressions import compiled
from configstore.fields import DEFAULT_ENDPOINT, PAYLOAD_FIELDS, EndpointName, no_list
from configstore.fields import translatable as _

FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def _field_name(name: str) -> str:
    if not FIELD_NAME.fullmatch(name):
        raise ValueError(_("a field name is letters, digits and _, such as delivery_time"))
    if name in PAYLOAD_FIELDS:
        raise ValueError(_("this field is the mail's own and cannot be set"))
    return name


FieldName = Annotated[str, AfterValidator(_field_name)]
Value = Annotated[str, Field(max_length=1000)]


class Condition(BaseModel):
    """A test of one part of a mail. Case is no matter."""

    model_config = ConfigDict(frozen=True, extra="allow")

    field: Literal["sender", "subject", "body"]
    test: Literal["equals", "contains", "regex"] = "contains"
    value: Annotated[str, Field(min_length=1, max_length=1000)]

    def model_post_init(self, context: object) -> None:
        for group in self.groups:
            _field_name(group)

    @property
    def groups(self) -> tuple[str, ...]:
        if self.test != "regex":
            return ()
        return tuple(compiled(self.value).groupindex)


class Rule(BaseModel):
    """Mails that meet all its conditions go to the endpoint; without any, all mails do.

    Rules are tried by priority, the lowest number first, and in their order where it is the
    same; stop ends that for a mail that meets it. fields are set in the payload, with what
    the named groups of its regular expressions have matched in place of {name}; each group
    is a field of its own too.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    enabled: bool = True
    priority: Annotated[int, Field(ge=0, le=1000)] = 100
    conditions: tuple[Condition, ...] = ()
    endpoint: EndpointName = DEFAULT_ENDPOINT
    stop: bool = True
    fields: Annotated[dict[FieldName, Value], no_list] = {}

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of what its regular expressions take out of a mail."""
        return tuple(name for condition in self.conditions for name in condition.groups)


def by_name(rules: Iterable[Rule]) -> dict[str, Rule]:
    """In their order; the second of one name is "name (2)"."""
    found: dict[str, Rule] = {}
    for rule in rules:
        name, number = rule.name, 1
        while name in found:
            number += 1
            name = f"{rule.name} ({number})"
        found[name] = rule
    return found
