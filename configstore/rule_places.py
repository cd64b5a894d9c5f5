"""Where a fault of the routing rules is, as a person counts: rule 2 “Invoices”, condition 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

_RULE = re.compile(r"rules\.(\d+)(?:\.conditions\.(\d+))?(?:\.(.+))?")


def named(where: str, raw: Any) -> str:
    """where: the field as pydantic names it. Others than those of a rule stay as they are."""
    found = _RULE.fullmatch(where)
    if found is None:
        return where
    rule, condition, rest = found.groups()
    name = _name(raw.get("rules"), int(rule))
    facts = {"number": int(rule) + 1, "name": name}
    parts = [(_("rule %(number)d “%(name)s”") if name else _("rule %(number)d")) % facts]
    if condition is not None:
        parts.append(_("condition %(number)d") % {"number": int(condition) + 1})
    return ", ".join([*parts, *([rest] if rest else [])])


def _name(rules: Sequence[Any], number: int) -> str:
    rule = rules[number]
    return str(rule.get("name") or "") if isinstance(rule, dict) else ""
