"""routing_rules: which mail goes to which endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from configstore.backends.base import JSONObject
from configstore.differences import NOTHING
from configstore.documents import RoutingRules
from configstore.fields import DEFAULT_ENDPOINT
from configstore.forms.base import Clash, DocumentForm, Section
from configstore.forms.rule_drafts import ConditionDraft, RuleDraft, drafts_of, read
from configstore.forms.rule_words import FIELDS, TESTS, in_words, merged, order
from configstore.rules import Rule, by_name


class RuleCards(forms.Widget):
    """A card for each rule, and one more to be filled in. described are the endpoints that
    there are; drafts, once they were looked at, hold the faults."""

    template_name = "admin/configstore/includes/rules.html"
    described: tuple[str, ...] = (DEFAULT_ENDPOINT,)
    drafts: list[RuleDraft] | None = None
    read_only = False

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return read(data, name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str | None) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        drafts = self.drafts if self.drafts is not None else _drafts(value)
        cards = [*drafts, *([] if self.read_only else [RuleDraft(fresh=True)])]
        context = {
            "fields": FIELDS,
            "tests": TESTS,
            "read_only": self.read_only,
            "cards": [self._card(f"{name}-{number}", draft) for number, draft in enumerate(cards)],
        }
        return render_to_string(self.template_name, context)

    def _card(self, key: str, draft: RuleDraft) -> dict[str, Any]:
        asked = self.read_only or any(row.blank for row in draft.conditions)
        rows = [*draft.conditions, *([] if asked else [ConditionDraft()])]
        names = dict.fromkeys([*self.described, *([draft.endpoint] if draft.endpoint else [])])
        return {
            "key": key,
            "draft": draft,
            "rest": self._rest(draft.rest),
            "rows": [
                (f"{key}-conditions-{number}", row, self._rest(row.rest))
                for number, row in enumerate(rows)
            ],
            "endpoints": [(name, name in self.described) for name in names],
            "undescribed": bool(draft.endpoint) and draft.endpoint not in self.described,
        }

    def _rest(self, rest: JSONObject) -> str:
        """It travels with the page, for those who may send the page back."""
        return json.dumps(rest, ensure_ascii=False) if rest and not self.read_only else ""


class RulesSeen(forms.HiddenInput):
    """What the page showed when it was made."""

    def format_value(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        rules = [rule for rule in value or () if isinstance(rule, Rule)]
        return json.dumps([rule.model_dump(mode="json") for rule in rules], ensure_ascii=False)


class RulesField(forms.Field):
    widget = RuleCards
    hidden_widget = RulesSeen

    def to_python(self, value: Any) -> list[Rule]:
        """Of what the page showed."""
        try:
            document = RoutingRules.model_validate({"rules": json.loads(value or "[]")})
        except ValueError:
            raise ValidationError("") from None
        return list(document.rules)

    def clean(self, value: list[RuleDraft]) -> list[Rule]:
        rules = [rule for draft in value if (rule := draft.rule())]
        if len(rules) < len(value):
            self.widget.drafts = value
            raise ValidationError(gettext("Please look at the marked rules."))
        return rules

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [draft.rule() for draft in data] != list(initial)


class RoutingForm(DocumentForm):
    kind = RoutingRules
    sections = (Section(title=_("Rules"), fields=("rules",)),)

    rules = RulesField(label=_("Rules"), required=False)

    def __init__(self, data: Any = None, *, described: Iterable[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.cards.described = tuple(described)

    @property
    def cards(self) -> RuleCards:
        widget: RuleCards = self.fields["rules"].widget
        return widget

    def stored_value(self, name: str, value: Any) -> Any:
        """Rules that somebody else changed meanwhile, and I did not, stay as they are."""
        return [
            rule.model_dump(mode="json")
            for rule in merged(self._seen_rules(), value, self.initial["rules"])
        ]

    def clashes(self) -> list[Clash]:
        """Rule by rule. For a valid form."""
        seen, theirs, mine = map(by_name, self._three())
        found = []
        for name in dict.fromkeys([*theirs, *mine, *seen]):
            was, now, wanted = seen.get(name), theirs.get(name), mine.get(name)
            if was != now or (wanted not in (was, now)):
                yours = in_words(wanted) if wanted != was else ""
                found.append(Clash(label=name, theirs=in_words(now), yours=yours))
        return found or [self._clash_of_order()]

    def mask(self) -> None:
        super().mask()
        self.cards.read_only = True
        self.fields["rules"].show_hidden_initial = False

    def _clash_of_order(self) -> Clash:
        seen, theirs, mine = map(order, self._three())
        yours = mine if mine != seen else ""
        return Clash(label=gettext("Order"), theirs=theirs or NOTHING, yours=yours)

    def _three(self) -> tuple[list[Rule], list[Rule], list[Rule]]:
        """What I saw, what is in force, and what I entered."""
        theirs = list(self.initial["rules"])
        mine = self.cleaned_data["rules"] if self._changed() else self._seen_rules()
        return self._seen_rules(), theirs, mine

    def _seen_rules(self) -> list[Rule]:
        field, bound = self.fields["rules"], self["rules"]
        try:
            return list(field.to_python(self.data.get(bound.html_initial_name)) or ())
        except ValidationError:
            return list(self.initial["rules"])


def _drafts(value: Any) -> list[RuleDraft]:
    items = list(value or ())
    if items and isinstance(items[0], RuleDraft):
        return items
    return drafts_of(items)
