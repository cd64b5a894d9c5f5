"""Where the page of the routing rules says what is wrong with them."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from configstore.documents import RoutingRules
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import PAGES, Stores
from tests.configstore.admin.two_rules import ARCHIVE, RECADRAGE, complete, saved

PAGE = PAGES[RoutingRules.NAME]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"rules-0-name": " "}, "id_rules-0-name_errors", "at least 1 character"),
        ({"rules-0-name": "x" * 101}, "id_rules-0-name_errors", "at most 100 characters"),
        ({"rules-0-priority": "x"}, "id_rules-0-priority_errors", "valid integer"),
        ({"rules-0-priority": "1001"}, "id_rules-0-priority_errors", "less than or equal to"),
        ({"rules-0-endpoint": "A B"}, "id_rules-0-endpoint_errors", "small letters"),
        ({"rules-0-fields": "nonsense"}, "id_rules-0-fields_errors", "“nonsense”: write a name"),
        ({"rules-0-fields": "subject = x"}, "id_rules-0-fields_errors", "subject: this field"),
        ({"rules-0-fields": "a-b = x"}, "id_rules-0-fields_errors", "a-b: a field name is"),
        ({"rules-0-conditions-1-value": ""}, "id_rules-0-conditions-1_errors", "Write what"),
        ({"rules-2-name": "x"}, "id_rules-2-conditions-0_errors", "meant for every mail, remove"),
        ({"rules-0-conditions-1-value": "("}, "id_rules-0-conditions-1_errors", "Not a regular"),
        (
            {"rules-0-conditions-1-value": "(?P<subject>x)"},
            "id_rules-0-conditions-1_errors",
            "cannot be set",
        ),
        ({"rules-0-conditions-0-field": "cc"}, "id_rules-0-conditions-0_errors", "should be"),
        ({"rules-2-conditions-0-value": "x"}, "id_rules-2-name_errors", "at least 1 character"),
    ],
)
def test_a_slip_is_told_where_it_is_and_nothing_is_saved(
    browser: Client, stored: Stores, changes: dict[str, str], place: str, sentence: str
) -> None:
    page = browser.post(PAGE, filled(browser.get(PAGE)) | changes).content.decode()
    told = page.partition(f'id="{place}"')[2].partition("</div>")[0]
    assert sentence in told
    assert page.count('<p class="error"') == 1
    assert saved(stored) == [RECADRAGE, ARCHIVE]


@pytest.mark.django_db
def test_all_slips_of_a_rule_are_told_at_once(browser: Client, stored: Stores) -> None:
    slips = {"rules-0-name": "", "rules-0-fields": "x", "rules-0-conditions-1-value": "("}
    page = browser.post(PAGE, filled(browser.get(PAGE)) | slips).content.decode()
    assert page.count('<p class="error"') == 3


@pytest.mark.django_db
def test_a_rule_to_an_endpoint_that_is_not_described_is_kept_and_warned_of(
    browser: Client, stored: Stores
) -> None:
    page = browser.get(PAGE).content.decode()
    assert "No endpoint “archive” is described" in page
    assert "No endpoint “editing” is described" not in page
    browser.post(PAGE, filled(browser.get(PAGE), **{"rules-1-priority": "7"}))
    assert saved(stored)[1] == complete(ARCHIVE | {"priority": 7})
    front = browser.get("/admin/").content.decode()
    assert "Not described!" in front
    assert "2 rules" in front


def test_a_fault_of_the_json_names_the_rule_and_counts_as_people_do(browser: Client) -> None:
    address = PAGE.replace("change", "json")
    bad = {"field": "subject", "test": "regex", "value": "("}
    rules = [ARCHIVE, {"name": "Devis", "conditions": [bad]}, {"conditions": [], "name": ""}]
    text = json.dumps({"rules": rules})
    page = browser.post(address, filled(browser.get(address), text=text)).content.decode()
    assert "rule 2 “Devis”, condition 1: not a regular expression" in page
    assert "rule 3, name: String should have at least 1 character" in page
