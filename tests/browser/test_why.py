"""Somebody asks why a mail did not arrive, and what is said between us and the mail server."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NAME, PASSWORD
from tests.servers.browser import Person
from tests.servers.web import Web

Enter = Callable[[], Person]
PROTOCOL = "/admin/polling/mailboxstate/protocol/default/"


def ask(person: Person, text: str) -> None:
    person.page.get_by_label("Why did this mail not arrive?").fill(text)
    person.page.keyboard.press("Enter")


@pytest.mark.usefixtures("filled")
def test_the_answer_leads_to_what_can_be_done_about_it(person: Enter) -> None:
    ada = person()
    ada.page.goto("/admin/polling/mail/")
    ada.page.get_by_role("link", name="Why did this mail not arrive?").click()
    ask(ada, "Boutique <shop@shop.example>")
    ada.says("Not relayed, because its sender is not on the list.")
    ada.page.get_by_role("link", name="Settings of mailbox default").click()
    expect(ada.page.locator("#row_sender_of_interest_for_polling")).to_be_in_viewport()
    ada.page.go_back()
    ask(ada, "lot 100")
    ada.says("It was given up for endpoint default")
    ada.says("last on")
    ada.page.get_by_role("link", name="The mail and its life").click()
    ada.says("Its life")


@pytest.mark.usefixtures("filled")
def test_a_mistyped_sender_is_found_and_all_fits_on_a_phone(person: Enter) -> None:
    ada = person()
    ada.page.set_viewport_size({"width": 375, "height": 760})
    ada.page.goto("/admin/polling/mail/why/")
    ask(ada, "studio12@studoi.example")
    ada.says("Is one of these senders meant?")
    ada.says("Mailbox default is not served.")
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 375
    ada.page.get_by_role("link", name="@studio.example").first.click()
    ada.says("Endpoint default accepted it")
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_box_fits_a_phone_in_french(chrome: Browser, web: Web) -> None:
    somebody = Person(chrome, web.url, french=True)
    somebody.page.set_viewport_size({"width": 375, "height": 760})
    somebody.log_in(NAME, PASSWORD)
    somebody.page.goto("/admin/polling/mail/why/?q=lot")
    assert somebody.page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.usefixtures("filled")
def test_a_protocol_is_switched_on_seen_to_grow_copied_and_downloaded(
    person: Enter, beside: Callable[..., None]
) -> None:
    ada = person()
    ada.page.goto("/admin/polling/mailboxstate/")
    ada.page.get_by_role("link", name="default").click()
    ada.page.get_by_role("link", name="Log what the mail server says").click()
    ada.page.get_by_role("button", name="Switch it on for an hour").click()
    ada.says("The first lines are here within seconds.")
    lines = ada.page.get_by_role("textbox", name="The last lines")
    beside("tests.browser.say", "* OK [CAPABILITY IMAP4rev1] ready", "KLMN1 OK Logged in")
    expect(lines).to_have_value(re.compile("KLMN1 OK Logged in"), timeout=30_000)
    ada.page.get_by_role("button", name="Copy", exact=True).click()
    ada.says("Copied")
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="Download as text").click()
    assert download.value.suggested_filename == "protocol-default.txt"
    assert "< KLMN1 OK Logged in\n" in Path(download.value.path()).read_text()
    ada.page.get_by_role("button", name="Switch it off").click()
    ada.says("It was logged until")
