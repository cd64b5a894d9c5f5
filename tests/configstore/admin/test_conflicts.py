"""Two people with the same page open."""

from __future__ import annotations

import pytest
from django.test import Client

from configstore import editing
from configstore.documents import PollingConfig, WebhookConfig
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import PAGES, Stores

pytestmark = pytest.mark.django_db
WEBHOOK = PAGES[WebhookConfig.NAME]
NAME = "webhook_config"


def somebody_saves(stores: Stores, **fields: object) -> None:
    current = stores.store.current(WebhookConfig)
    editing.save(
        stores.store,
        WebhookConfig,
        NAME,
        (current.raw or {}) | fields,
        expected=current.version,
        author="bob",
        action="changed",
    )


def test_the_second_save_is_refused_and_the_differences_are_shown(
    browser: Client, stores: Stores
) -> None:
    page = browser.get(WEBHOOK)
    somebody_saves(stores, webhook_time_start="08:00", webhook_time_end="18:00")
    mine = filled(page, webhook_time_start="09:00", webhook_time_end="19:00")
    refused = browser.post(WEBHOOK, mine)
    assert refused.status_code == 409
    text = refused.content.decode()
    assert "08:00" in text
    assert "09:00" in text
    assert "bob" in text
    assert stores[NAME] == {"webhook_time_start": "08:00", "webhook_time_end": "18:00"}


def test_whoever_insists_overwrites_only_what_they_changed(browser: Client, stores: Stores) -> None:
    page = browser.get(WEBHOOK)
    somebody_saves(stores, webhook_sending_enabled=False, webhook_url="https://bob.example/x")
    refused = browser.post(WEBHOOK, filled(page, webhook_url="https://ada.example/x"))
    assert "you did not change it" in refused.content.decode()
    browser.post(WEBHOOK, filled(refused))
    assert stores[NAME] == {
        "webhook_sending_enabled": False,
        "webhook_url": "https://ada.example/x",
    }


def test_a_third_save_in_between_is_refused_again(browser: Client, stores: Stores) -> None:
    page = browser.get(WEBHOOK)
    somebody_saves(stores, webhook_url="https://bob.example/1")
    refused = browser.post(WEBHOOK, filled(page, webhook_url="https://ada.example/x"))
    somebody_saves(stores, webhook_url="https://bob.example/2")
    assert browser.post(WEBHOOK, filled(refused)).status_code == 409
    assert stores[NAME] == {"webhook_url": "https://bob.example/2"}


def test_an_edit_by_hand_in_redis_counts_as_a_save(browser: Client, stores: Stores) -> None:
    page = browser.get(WEBHOOK)
    stores.redis.documents[NAME] = {"webhook_url": "https://redis-cli.example/x"}
    refused = browser.post(WEBHOOK, filled(page, webhook_url="https://ada.example/x"))
    assert refused.status_code == 409
    assert "redis-cli.example" in refused.content.decode()


def test_the_conflict_page_tells_no_token(browser: Client, stores: Stores) -> None:
    page = browser.get(WEBHOOK)
    somebody_saves(stores, webhook_url="https://bob.example/s3cret-of-bob")
    refused = browser.post(WEBHOOK, filled(page, webhook_sending_enabled=None))
    assert "s3cret-of-bob" not in refused.content.decode()


def test_a_text_that_somebody_changed_meanwhile_is_refused(browser: Client, stores: Stores) -> None:
    address = WEBHOOK.replace("change", "json")
    page = browser.get(address)
    somebody_saves(stores, webhook_url="https://bob.example/1")
    refused = browser.post(address, filled(page, text='{"webhook_url": null}'))
    assert "somebody changed these settings" in refused.content.decode()
    assert stores[NAME] == {"webhook_url": "https://bob.example/1"}


def test_documents_do_not_conflict_with_each_other(browser: Client, stores: Stores) -> None:
    page = browser.get(PAGES[PollingConfig.NAME])
    somebody_saves(stores, webhook_sending_enabled=False)
    browser.post(PAGES[PollingConfig.NAME], filled(page, imap_folder="Projects"))
    assert stores["polling_config"] == {"imap_folder": "Projects"}


def test_a_form_that_is_sent_twice_is_no_conflict(browser: Client, stores: Stores) -> None:
    """A double click: the browser shows the second answer."""
    entered = filled(browser.get(WEBHOOK), webhook_url="https://ada.example/x")
    assert browser.post(WEBHOOK, entered).status_code == 302
    again = browser.post(WEBHOOK, entered, follow=True)
    assert again.status_code == 200
    assert "This is saved already." in again.content.decode()


def test_headers_that_are_sent_twice_are_no_conflict(browser: Client, stores: Stores) -> None:
    entered = filled(
        browser.get(WEBHOOK), webhook_url="https://ada.example/x", webhook_headers="x-key: s3cret"
    )
    assert browser.post(WEBHOOK, entered).status_code == 302
    again = browser.post(WEBHOOK, entered, follow=True)
    assert "This is saved already." in again.content.decode()


def test_json_that_is_sent_twice_is_no_conflict(browser: Client, stores: Stores) -> None:
    address = WEBHOOK.replace("/change/", "/json/")
    text = '{"webhook_url": "https://ada.example/x", "webhook_headers": {"x-key": "s3cret"}}'
    entered = filled(browser.get(address), text=text)
    assert browser.post(address, entered).status_code == 302
    again = browser.post(address, entered, follow=True)
    assert "This is saved already." in again.content.decode()
    another = browser.post(address, entered | {"text": "{}"}).content.decode()
    assert "somebody changed these settings meanwhile" in another


def test_a_password_that_is_sent_twice_is_no_conflict(browser: Client, stores: Stores) -> None:
    """Although it is encrypted differently each time."""
    address = PAGES[PollingConfig.NAME]
    entered = filled(browser.get(address), imap_password="hunter2")
    assert browser.post(address, entered).status_code == 302
    before = stores["polling_config"]
    assert browser.post(address, entered).status_code == 302
    assert stores["polling_config"] == before
    another = browser.post(address, entered | {"imap_password": "hunter3"})
    assert another.status_code == 409
