"""Somebody looks for a mail, sees why its webhook did not arrive, and sends it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import journal
from tests.servers.browser import Person

Enter = Callable[[], Person]


def search(person: Person, text: str) -> None:
    person.page.goto("/admin/polling/mail/")
    person.page.locator("#searchbar").fill(text)
    person.page.get_by_role("button", name="Search").click()


@pytest.mark.usefixtures("filled")
def test_a_mail_is_found_by_its_link_and_its_dead_delivery_sent_again(person: Enter) -> None:
    ada = person()
    search(ada, journal.link(100))
    ada.page.get_by_role("link", name="Livraison été, lot 100").click()
    ada.says("Arrived at the mail server.")
    ada.says("given up after the last retry: HTTP 503")
    ada.says("scenario is not active")
    ada.page.get_by_role("link", name="What is sent").click()
    ada.page.get_by_text("What is sent").click()
    ada.says("Lot-100.zip")
    ada.page.get_by_role("link", name="The mail and all its deliveries").click()
    ada.page.get_by_role("button", name="Send again").click()
    ada.says("1 delivery is queued.")
    ada.says("Its life")
    ada.page.get_by_role("button", name="Cancel").click()
    ada.says("1 delivery is cancelled.")
    ada.says("Cancelled for endpoint default.")


@pytest.mark.usefixtures("filled")
def test_why_a_mail_was_not_relayed_is_found_with_the_keyboard_alone(person: Enter) -> None:
    ada = person()
    ada.page.goto("/admin/polling/mail/")
    ada.page.locator("#searchbar").focus()
    ada.page.keyboard.type("promotions")
    ada.page.keyboard.press("Enter")
    link = ada.page.get_by_role("link", name="Promotions de la semaine")
    link.focus()
    ada.page.keyboard.press("Enter")
    ada.says("Not relayed, because its sender is not on the list.")


@pytest.mark.usefixtures("filled")
def test_all_that_is_dead_is_counted_and_sent_again(person: Enter) -> None:
    ada = person()
    ada.page.goto("/admin/webhooks/delivery/")
    ada.page.get_by_role("link", name="Send again what is dead").click()
    ada.page.get_by_label("Dead since").fill("2020-01-01")
    ada.page.get_by_role("button", name="Count them").click()
    ada.says("1 delivery to default is dead")
    ada.page.get_by_role("button", name="Send 1 again").click()
    ada.says("1 delivery is queued.")


@pytest.mark.usefixtures("filled")
def test_the_page_of_a_mail_fits_on_a_phone(person: Enter) -> None:
    ada = person()
    ada.page.set_viewport_size({"width": 375, "height": 760})
    search(ada, "lot 100")
    ada.page.get_by_role("link", name="Livraison été, lot 100").click()
    ada.says("Its life")
    width = ada.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 375
