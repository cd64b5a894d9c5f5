"""Editing documents on their pages."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.test import Client

from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.models import Revision
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.saving import save, told
from tests.configstore.admin.stores import PAGES, Stores

pytestmark = pytest.mark.django_db
WEBHOOK, MAILBOX = PAGES[WebhookConfig.NAME], PAGES[PollingConfig.NAME]
PROCESSING = PAGES[ProcessingPrefs.NAME]


@pytest.mark.parametrize("address", PAGES.values())
def test_a_page_that_is_saved_as_it_is_changes_nothing(
    browser: Client, stores: Stores, address: str
) -> None:
    assert "Nothing was changed" in told(save(browser, address))
    assert stores.redis.documents == {}


def test_only_what_was_changed_is_stored(browser: Client, stores: Stores) -> None:
    save(browser, WEBHOOK, webhook_url="abc@hook.eu2.make.com")
    assert stores["webhook_config"] == {"webhook_url": "https://hook.eu2.make.com/abc"}


def test_each_kind_of_field_is_stored_as_the_contract_says(browser: Client, stores: Stores) -> None:
    save(
        browser,
        MAILBOX,
        sender_of_interest_for_polling="A@example.com\n b@example.com ,c@example.com\n\n",
        active_days=["0", "4"],
        active_start_hour="22",
        active_end_hour="6",
        timezone="Asia/Tokyo",
        vacation_start="2026-12-24",
        vacation_end="2027-01-02",
        enable_polling=None,
    )
    assert stores["polling_config"] == {
        "enable_polling": False,
        "sender_of_interest_for_polling": ["a@example.com", "b@example.com", "c@example.com"],
        "active_days": [0, 4],
        "active_start_hour": 22,
        "active_end_hour": 6,
        "timezone": "Asia/Tokyo",
        "vacation_start": "2026-12-24",
        "vacation_end": "2027-01-02",
    }


def test_priorities_and_words_are_stored_as_the_contract_says(
    browser: Client, stores: Stores
) -> None:
    save(
        browser,
        PROCESSING,
        exclude_keywords="newsletter\npub, promo",
        sender_priority="a@example.com = high\nb@example.com: Low",
        max_email_size_mb="25",
    )
    assert stores["processing_prefs"] == {
        "exclude_keywords": ["newsletter", "pub", "promo"],
        "sender_priority": {"a@example.com": "high", "b@example.com": "low"},
        "max_email_size_mb": 25,
    }


def test_a_stored_field_can_be_emptied(browser: Client, stores: Stores) -> None:
    stores.redis.documents["processing_prefs"] = {
        "max_email_size_mb": 25,
        "exclude_keywords": ["a"],
    }
    save(browser, PROCESSING, max_email_size_mb="", exclude_keywords="")
    assert stores["processing_prefs"] == {"max_email_size_mb": None, "exclude_keywords": []}


def test_what_the_former_application_wrote_is_shown_and_kept(
    browser: Client, stores: Stores
) -> None:
    old = {
        "webhook_time_start": "09h30",
        "webhook_time_end": "19h00",
        "absence_pause_days": ["Saturday"],
        "_updated_at": "2026-01-01",
        "telegram": {"chat": 1},
    }
    stores.redis.documents["webhook_config"] = dict(old)
    page = browser.get(WEBHOOK)
    assert 'value="09:30"' in page.content.decode()
    assert "telegram" in page.content.decode()
    save(browser, WEBHOOK, webhook_url="https://a.example/x")
    assert stores["webhook_config"] == old | {"webhook_url": "https://a.example/x"}


@pytest.mark.parametrize(
    ("address", "changes", "field", "sentence"),
    [
        (WEBHOOK, {"webhook_url": "http://a.example/x"}, "webhook_url", "must begin with https"),
        (WEBHOOK, {"webhook_url": "nonsense"}, "webhook_url", "Write a whole address"),
        (WEBHOOK, {"webhook_url": "https://192.168.1.5/x"}, "webhook_url", "cannot be used"),
        (WEBHOOK, {"webhook_url": "https://a.example:25/x"}, "webhook_url", "cannot be used"),
        (WEBHOOK, {"webhook_time_start": "25:00"}, "webhook_time_start", "Write a time as"),
        (WEBHOOK, {"webhook_time_start": "09:00"}, "webhook_time_end", "Give both times"),
        (WEBHOOK, {"absence_pause_enabled": "on"}, "absence_pause_days", "at least one day"),
        (MAILBOX, {"timezone": "Mars/Base"}, "timezone", "Select a valid choice"),
        (MAILBOX, {"interval_seconds": "0"}, "interval_seconds", "greater than or equal to 1"),
        (MAILBOX, {"imap_host": "https://x/"}, "imap_host", "Write a host name alone"),
        (
            MAILBOX,
            {"vacation_start": "2026-12-24", "vacation_end": "2026-12-01"},
            "vacation_end",
            "ends before it begins",
        ),
        (PROCESSING, {"retry_count": "11"}, "retry_count", "less than or equal to 10"),
        (PROCESSING, {"sender_priority": "a = urgent"}, "sender_priority", "high, medium or low"),
        (PROCESSING, {"max_email_size_mb": "many"}, "max_email_size_mb", "whole number"),
    ],
)
def test_a_slip_is_told_beside_its_field_and_nothing_is_saved(
    browser: Client,
    stores: Stores,
    address: str,
    changes: dict[str, str],
    field: str,
    sentence: str,
) -> None:
    response = browser.post(address, filled(browser.get(address), **changes))
    errors = response.context["form"].errors[field]
    assert sentence in " ".join(errors)
    assert sentence in response.content.decode()
    assert stores.redis.documents == {}


def test_a_save_is_in_the_history_and_in_the_log_of_the_admin(
    browser: Client, stores: Stores
) -> None:
    save(browser, WEBHOOK, webhook_sending_enabled=None)
    revision = Revision.objects.get()
    assert (revision.author, revision.document) == ("ada", "webhook_config")
    assert (revision.before, revision.after) == (None, {"webhook_sending_enabled": False})
    assert "webhook_sending_enabled" in LogEntry.objects.get().change_message


def test_a_save_says_where_it_went(browser: Client, stores: Stores) -> None:
    assert "saved in Redis, file" in told(save(browser, WEBHOOK, webhook_sending_enabled=None))


def test_a_save_without_redis_says_so_and_is_in_force(browser: Client, stores: Stores) -> None:
    browser.get(WEBHOOK)
    stores.redis.away = True
    response = save(browser, WEBHOOK, webhook_sending_enabled=None)
    assert "saved in file only. Redis cannot be reached" in told(response)
    assert "has not reached Redis yet" in response.content.decode()
    assert not stores.store.get(WebhookConfig).webhook_sending_enabled
    stores.redis.away = False
    assert "has not reached" not in browser.get(WEBHOOK).content.decode()
    assert stores["webhook_config"] == {"webhook_sending_enabled": False}


def test_without_any_store_the_page_says_so_and_shows_no_defaults(
    browser: Client, stores: Stores
) -> None:
    stores.redis.away = stores.file.away = True
    response = browser.get(WEBHOOK)
    assert response.status_code == 503
    assert "cannot be read now" in response.content.decode()


@pytest.mark.parametrize("probe", ["endpoint", "nonsense"])
def test_a_test_of_another_page_is_none_here(browser: Client, stores: Stores, probe: str) -> None:
    answer = browser.post(MAILBOX, filled(browser.get(MAILBOX)) | {"_probe": probe}, follow=True)
    assert "Nothing was changed" in told(answer)


@pytest.mark.parametrize("address", PAGES.values())
def test_there_is_nothing_to_delete(browser: Client, stores: Stores, address: str) -> None:
    assert browser.get(address.replace("change", "delete")).status_code == 403


def test_a_form_without_its_version_saves_nothing(browser: Client, stores: Stores) -> None:
    data = filled(browser.get(WEBHOOK), webhook_sending_enabled=None, version=None)
    assert browser.post(WEBHOOK, data).status_code == 409
    assert stores["webhook_config"] is None


def test_a_field_of_the_environment_is_shown_as_such(
    browser: Client, stores: Stores, settings: LazySettings
) -> None:
    settings.IMAP_SERVER = "imap.env.example"
    page = browser.get(MAILBOX)
    assert "Set by IMAP_SERVER in the environment" in page.content.decode()
    assert "imap.env.example" in page.content.decode()
    save(browser, MAILBOX, imap_host="other.example", imap_folder="Projects")
    assert stores["polling_config"] == {"imap_folder": "Projects"}


def test_whoever_logged_in_after_the_press_comes_to_the_page(browser: Client) -> None:
    page = PAGES[WebhookConfig.NAME]
    assert browser.get(page.replace("change", "stores"))["Location"] == page
