"""Routing rules, written and tried by somebody who has never seen them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.servers.browser import Person

Enter = Callable[[], Person]
Stored = Callable[[str], Any]


def write(page: Page, name: str, test: str, value: str, fields: str) -> None:
    """In a new card."""
    page.get_by_role("button", name="Add a rule").click()
    card = page.get_by_role("region", name="New rule").last
    card.get_by_label("Name of a new rule").fill(name)
    card.get_by_label("Part of the mail").select_option("body")
    card.get_by_label("Test").select_option(test)
    card.get_by_label("Value").fill(value)
    card.get_by_label("Fields of the payload").fill(fields)


def names(stored: Stored) -> list[str]:
    return [rule["name"] for rule in stored("routing_rules")["rules"]]


def save(person: Person) -> None:
    person.page.get_by_role("button", name="Save", exact=True).click()
    person.says("in force within five seconds")


def try_a_mail(ada: Person) -> None:
    """With rules that are not saved."""
    with ada.page.context.expect_page() as opened:
        ada.page.get_by_role("button", name="Try a mail").click()
    trial = opened.value
    trial.get_by_label("Text", exact=True).fill("à faire pour 14h")
    trial.get_by_role("button", name="Try it").click()
    trial.get_by_text('"delivery_time": "14h"').wait_for()
    assert '"detector": "recadrage"' in trial.get_by_label("Payload").inner_text()
    assert "does not hold" not in trial.get_by_role("listitem").first.inner_text()
    trial.close()


def test_rules_are_added_tried_moved_and_removed(person: Enter, stored: Stored) -> None:
    ada = person()
    ada.page.goto("/admin/")
    card = ada.page.get_by_role("region", name="Routing rules")
    card.get_by_role("link", name="Change").click()
    expect(ada.page.get_by_role("region", name="New rule")).to_have_count(0)
    write(ada.page, "Recadrage", "regex", "", "")
    ada.page.get_by_role("button", name="Save", exact=True).click()
    ada.says("Write what is looked for.")
    assert stored("routing_rules") is None
    ada.page.get_by_role("button", name="Remove", exact=True).click()
    write(ada.page, "Recadrage", "regex", r"pour (?P<delivery_time>\d+h)", "detector = recadrage")
    write(ada.page, "Archive", "contains", "livraison", "")
    second = ada.page.get_by_role("region", name="New rule").last
    second.get_by_role("button", name="Add a condition").click()
    second.get_by_label("Value").last.fill("lot")
    try_a_mail(ada)
    assert stored("routing_rules") is None

    save(ada)
    assert stored("routing_rules")["rules"][0] == {
        "name": "Recadrage",
        "enabled": True,
        "priority": 100,
        "conditions": [
            {"field": "body", "test": "regex", "value": r"pour (?P<delivery_time>\d+h)"}
        ],
        "endpoint": "default",
        "stop": True,
        "fields": {"detector": "recadrage"},
    }
    assert len(stored("routing_rules")["rules"][1]["conditions"]) == 2

    archive = ada.page.get_by_role("region", name="Archive")
    archive.get_by_role("button", name="Move up").click()
    archive.get_by_role("button", name="Remove the condition").first.click()
    save(ada)
    assert names(stored) == ["Archive", "Recadrage"]
    assert [each["value"] for each in stored("routing_rules")["rules"][0]["conditions"]] == ["lot"]

    recadrage = ada.page.get_by_role("region", name="Recadrage")
    recadrage.get_by_role("button", name="Remove", exact=True).click()
    save(ada)
    assert names(stored) == ["Archive"]
