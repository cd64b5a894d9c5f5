"""The page of the routing rules."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from configstore.documents import RoutingRules
from configstore.forms.routing import RoutingForm
from configstore.rules import Condition, Rule
from tests.configstore.admin.html_form import Fields, filled
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import PAGES, Stores
from tests.configstore.admin.two_rules import ARCHIVE, RECADRAGE, complete, saved

PAGE = PAGES[RoutingRules.NAME]
# A lone surrogate is no text, and a form has no other line end than \n.
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)
rest = st.dictionaries(st.sampled_from(["note", "x-1"]), st.none() | st.integers() | text)
conditions = st.builds(
    lambda rest, **known: Condition(**(rest | known)),
    rest,
    field=st.sampled_from(["sender", "subject", "body"]),
    test=st.sampled_from(["contains", "equals"]),
    value=text.filter(bool),
) | st.builds(Condition, field=st.just("body"), test=st.just("regex"), value=st.just("(?P<t>a)"))
rules = st.builds(
    lambda rest, **known: Rule(**(rest | known)),
    rest,
    name=text.filter(str.strip),
    enabled=st.booleans(),
    priority=st.integers(0, 1000),
    conditions=st.lists(conditions, max_size=3),
    endpoint=st.sampled_from(["default", "sales", "gone"]),
    stop=st.booleans(),
    fields=st.dictionaries(st.from_regex(r"[A-Za-z_][a-z0-9_]{0,9}", fullmatch=True), text),
)


def form(document: RoutingRules, data: Any = None) -> RoutingForm:
    raw = document.model_dump(mode="json")
    return RoutingForm(
        data, described=["default", "sales"], document=document, raw=raw, version="1", defaults={}
    )


def sent(fields: Fields) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


@settings(max_examples=60, deadline=None)
@given(st.lists(rules, max_size=3))
def test_what_the_page_shows_is_what_it_saves(found: list[Rule]) -> None:
    document = RoutingRules(rules=tuple(found))
    html = f'<form class="settings">{form(document)["rules"]}</form>'
    again = form(document, sent(filled(SimpleNamespace(content=html.encode()))))
    assert again.is_valid(), again.errors
    assert again.cleaned_data["rules"] == found
    assert "rules" not in again.changed_data


@pytest.mark.django_db
def test_a_rule_is_added_in_the_blank_card(browser: Client, stored: Stores) -> None:
    fields = filled(browser.get(PAGE), **{
        "rules-2-name": "Désabonnement",
        "rules-2-priority": "5",
        "rules-2-enabled": None,
        "rules-2-stop": "go",
        "rules-2-conditions-0-field": "body",
        "rules-2-conditions-0-value": "se désabonner",
        "rules-2-fields": "detector = desabonnement\nnote = a = b",
    })  # fmt: skip
    browser.post(PAGE, fields)
    assert saved(stored)[:2] == [complete(RECADRAGE), complete(ARCHIVE)]
    assert saved(stored)[2] == {
        "name": "Désabonnement",
        "enabled": False,
        "priority": 5,
        "conditions": [{"field": "body", "test": "contains", "value": "se désabonner"}],
        "endpoint": "default",
        "stop": False,
        "fields": {"detector": "desabonnement", "note": "a = b"},
    }
    assert stored["routing_rules"]["_updated"] == "x"


@pytest.mark.django_db
def test_a_rule_for_every_mail_is_added_by_saying_so(browser: Client, stored: Stores) -> None:
    name = {"rules-2-name": "All"}
    slip = browser.post(PAGE, filled(browser.get(PAGE)) | name)
    ticked = filled(slip) | {"rules-2-conditions-0-remove": "on"}
    browser.post(PAGE, ticked)
    assert saved(stored)[2]["conditions"] == []


@pytest.mark.django_db
def test_rules_and_conditions_are_removed_without_a_script(browser: Client, stored: Stores) -> None:
    ticks = {"rules-1-remove": "on", "rules-0-conditions-0-remove": "on"}
    browser.post(PAGE, filled(browser.get(PAGE)) | ticks)
    assert saved(stored) == [complete(RECADRAGE) | {"conditions": [RECADRAGE["conditions"][1]]}]


@pytest.mark.django_db
def test_the_order_is_that_of_the_page(browser: Client, stored: Stores) -> None:
    fields = filled(browser.get(PAGE))
    of_first = {name: value for name, value in fields.items() if name.startswith("rules-0-")}
    browser.post(PAGE, {k: v for k, v in fields.items() if k not in of_first} | of_first)
    assert [rule["name"] for rule in saved(stored)] == ["Archive", "Recadrage"]


@pytest.mark.django_db
def test_a_conflict_shows_the_rules_in_words(browser: Client, stored: Stores) -> None:
    mine = filled(browser.get(PAGE), **{"rules-0-priority": "7"})
    theirs = [ARCHIVE | {"stop": True}, ARCHIVE | {"name": "New"}]
    stored.redis.documents["routing_rules"] = {"rules": [RECADRAGE, *theirs]}
    refused = browser.post(PAGE, mine)
    assert refused.status_code == 409
    told = refused.content.decode()
    assert "subject contains “recadrage” and text matches" in told
    assert "→ editing; detector = recadrage; then stop; priority 7" in told
    assert "every mail → archive; then stop; priority 100" in told
    browser.post(PAGE, filled(refused))
    assert saved(stored) == [complete(rule) for rule in (RECADRAGE | {"priority": 7}, *theirs)]


@pytest.mark.django_db
def test_the_history_says_which_rule_changed(browser: Client, stored: Stores) -> None:
    browser.post(PAGE, filled(browser.get(PAGE), **{"rules-0-conditions-0-value": "cadrage"}))
    browser.post(PAGE, filled(browser.get(PAGE), **{"rules-0-conditions-0-value": "lot"}))
    history = browser.get("/admin/configstore/revision/").content.decode()
    assert "rules.Recadrage.conditions.1.value: cadrage → lot" in history


@pytest.mark.django_db
def test_who_may_only_look_sees_the_rules_and_changes_nothing(stored: Stores) -> None:
    bob = staff_with("view_routing")
    page = bob.get(PAGE).content.decode()
    assert "Recadrage" in page
    assert "Name of a new rule" not in page
    assert "hue" not in page
    assert bob.post(PAGE, {"version": "x", "rules-0-name": "mine"}).status_code == 403
    assert saved(stored) == [RECADRAGE, ARCHIVE]


@pytest.mark.django_db
def test_who_may_not_look_sees_neither_page_nor_card(stored: Stores) -> None:
    bob = staff_with("view_webhook")
    assert bob.get(PAGE).status_code == 403
    assert "Recadrage" not in bob.get("/admin/").content.decode()
    assert bob.get("/admin/polling/mail/try/").status_code == 403


@pytest.mark.django_db
def test_a_hundred_rules_are_saved(browser: Client, stored: Stores) -> None:
    many = [RECADRAGE | {"name": f"Rule {number}"} for number in range(100)]
    stored.redis.documents["routing_rules"] = {"rules": many}
    browser.post(PAGE, filled(browser.get(PAGE), **{"rules-99-priority": "7"}))
    assert saved(stored)[99]["priority"] == 7
