"""The settings, changed by somebody who has never seen them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.servers.browser import Person
from tests.servers.redis import RedisServer

Enter = Callable[[], Person]
Stored = Callable[[str], Any]


def open_card(page: Page, title: str) -> None:
    page.goto("/admin/")
    page.get_by_role("region", name=title).get_by_role("link", name="Change").click()


def save(person: Person) -> None:
    person.page.get_by_role("button", name="Save", exact=True).click()


def test_senders_times_and_address_are_changed_from_the_first_page(
    person: Enter, stored: Stored
) -> None:
    ada = person()
    open_card(ada.page, "Mails: senders and times")
    ada.page.get_by_label("Senders to relay").fill("a@example.com\nexample.org")
    ada.page.get_by_role("checkbox", name="Sunday").uncheck()
    ada.page.get_by_label("From", exact=True).select_option("08:00")
    ada.page.get_by_label("Until", exact=True).select_option("19:00")
    save(ada)
    ada.says("in force within five seconds")
    assert stored("polling_config") == {
        "sender_of_interest_for_polling": ["a@example.com", "example.org"],
        "active_days": [0, 1, 2, 3, 4, 5],
        "active_start_hour": 8,
        "active_end_hour": 19,
    }
    open_card(ada.page, "Webhook: address and times")
    ada.page.get_by_label("Webhook URL").fill("abc@hook.eu2.make.com")
    ada.page.get_by_label("From", exact=True).fill("09:30")
    ada.page.get_by_label("Until", exact=True).fill("18:00")
    save(ada)
    ada.says("in force within five seconds")
    assert stored("webhook_config") == {
        "webhook_url": "https://hook.eu2.make.com/abc",
        "webhook_time_start": "09:30",
        "webhook_time_end": "18:00",
    }
    open_card(ada.page, "Processing: filters, retries")
    ada.page.get_by_label("Exclude keywords").fill("newsletter")
    ada.page.get_by_label("Largest mail").fill("25")
    save(ada)
    ada.says("in force within five seconds")
    assert stored("processing_prefs") == {
        "exclude_keywords": ["newsletter"],
        "max_email_size_mb": 25,
    }
    ada.page.goto("/admin/")
    ada.says("a@example.com, example.org")
    ada.says("09:30–18:00")


def test_a_slip_is_shown_beside_its_field_and_what_was_typed_stays(person: Enter) -> None:
    ada = person()
    open_card(ada.page, "Webhook: address and times")
    ada.page.get_by_label("Webhook URL").fill("http://example.com/x")
    save(ada)
    row = ada.page.locator("#row_webhook_url")
    assert "must begin with https" in row.inner_text()
    assert row.get_by_role("textbox").input_value() == "http://example.com/x"


def test_the_second_of_two_saves_is_refused_and_can_be_insisted_on(
    person: Enter, stored: Stored
) -> None:
    ada, bob = person(), person()
    for somebody in (ada, bob):
        open_card(somebody.page, "Webhook: address and times")
    ada.page.get_by_label("Webhook URL").fill("https://ada.example/hook")
    save(ada)
    ada.says("in force within five seconds")
    bob.page.get_by_label("Webhook URL").fill("https://bob.example/hook")
    bob.page.get_by_label("Send webhooks").uncheck()
    save(bob)
    bob.says("Nothing was saved")
    bob.says("https://ada.example/…")
    assert stored("webhook_config") == {"webhook_url": "https://ada.example/hook"}
    bob.page.get_by_role("button", name="Save my changes over it").click()
    bob.says("in force within five seconds")
    assert stored("webhook_config") == {
        "webhook_url": "https://bob.example/hook",
        "webhook_sending_enabled": False,
    }


def test_a_former_version_is_restored(person: Enter, stored: Stored) -> None:
    ada = person()
    for folder in ("First", "Second"):
        open_card(ada.page, "Mails: senders and times")
        ada.page.get_by_label("Folder", exact=True).fill(folder)
        save(ada)
        ada.says("in force within five seconds")
    ada.page.get_by_role("link", name="History").first.click()
    ada.says("Folder: First → Second")
    ada.page.get_by_role("row", name="First → Second").get_by_role("link").click()
    ada.page.get_by_role("button", name="Undo").click()
    ada.says("in force within five seconds")
    assert stored("polling_config") == {"imap_folder": "First"}


def test_a_save_while_redis_is_away_says_so_and_reaches_it_later(
    person: Enter, stored: Stored, redis_server: RedisServer
) -> None:
    ada = person()
    open_card(ada.page, "Webhook: address and times")
    redis_server.kill()
    ada.page.get_by_label("Send webhooks").uncheck()
    save(ada)
    ada.says("Redis cannot be reached and gets it as soon as it is back")
    ada.says("has not reached Redis yet")
    assert not ada.page.get_by_label("Send webhooks").is_checked()
    redis_server.start()
    ends = time.monotonic() + 10
    while stored("webhook_config") is None and time.monotonic() < ends:
        ada.page.reload()
    assert stored("webhook_config") == {"webhook_sending_enabled": False}
    assert not ada.page.get_by_label("Send webhooks").is_checked()


def test_a_broken_document_is_repaired_as_text(
    person: Enter, stored: Stored, redis_server: RedisServer
) -> None:
    ada = person()
    open_card(ada.page, "Webhook: address and times")
    ada.page.get_by_label("Webhook URL").fill("https://ada.example/hook")
    save(ada)
    ada.says("in force within five seconds")
    redis_server.client().set("r:ss:config:webhook_config", '{"webhook_url": "https://b.example"')
    time.sleep(2.1)  # the age at which a document is read again
    ada.page.goto("/admin/")
    ada.says("is not JSON")
    open_card(ada.page, "Webhook: address and times")
    ada.says("the last good one stays in force")
    ada.page.get_by_label("Document").fill('{"webhook_url": "https://b.example/hook"}')
    save(ada)
    ada.says("in force within five seconds")
    assert stored("webhook_config") == {"webhook_url": "https://b.example/hook"}
