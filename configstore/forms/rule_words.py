"""A rule in words, and what two people's edits make of a list of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from configstore.differences import NOTHING, readable
from configstore.rules import Condition, Rule, by_name

FIELDS = (
    ("sender", pgettext_lazy("condition", "sender")),
    ("subject", pgettext_lazy("condition", "subject")),
    ("body", pgettext_lazy("condition", "text")),
)
TESTS = (
    ("contains", gettext_lazy("contains")),
    ("equals", gettext_lazy("is")),
    ("regex", gettext_lazy("matches the regular expression")),
)


def in_words(rule: Rule | None) -> str:
    """All of it that may be shown to anybody."""
    if rule is None:
        return NOTHING
    conditions = _(" and ").join(map(_condition, rule.conditions)) or _("every mail")
    goes = _("%(conditions)s → %(endpoint)s") % {
        "conditions": conditions,
        "endpoint": rule.endpoint,
    }
    fields = [f"{name} = {readable(name, value)}" for name, value in rule.fields.items()]
    then = _("then stop") if rule.stop else _("then go on")
    priority = _("priority %(number)d") % {"number": rule.priority}
    off = [] if rule.enabled else [_("switched off")]
    return "; ".join([goes, *fields, then, priority, *off])


def merged(seen: Sequence[Rule], mine: Sequence[Rule], theirs: Sequence[Rule]) -> list[Rule]:
    """Theirs, with what I changed of what I had seen: rules of my own are added, others of mine
    replaced or taken out. My order if I changed that."""
    if list(seen) == list(theirs):
        return list(mine)
    before, after, found = by_name(seen), by_name(mine), by_name(theirs)
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) == after.get(name):
            continue
        if name in after:
            found[name] = after[name]
        else:
            found.pop(name, None)
    if [name for name in before if name in after] == [name for name in after if name in before]:
        return list(found.values())
    place = {name: number for number, name in enumerate(after)}
    return [found[name] for name in sorted(found, key=lambda name: place.get(name, len(place)))]


def order(rules: Iterable[Rule]) -> str:
    return ", ".join(by_name(rules))


def _condition(condition: Condition) -> str:
    return "{} {} “{}”".format(
        dict(FIELDS)[condition.field], dict(TESTS)[condition.test], readable("", condition.value)
    )
