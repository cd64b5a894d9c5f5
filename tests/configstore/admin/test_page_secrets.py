"""What the pages show and save, and for whom."""

from __future__ import annotations

import pytest
from django.test import Client

from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.secrets import decrypt
from tests.configstore.admin.conftest import PAGES, Stores, staff_with
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.test_pages import save

pytestmark = pytest.mark.django_db
WEBHOOK, MAILBOX = PAGES[WebhookConfig.NAME], PAGES[PollingConfig.NAME]
PROCESSING = PAGES[ProcessingPrefs.NAME]


def test_a_password_is_encrypted_and_never_shown(browser: Client, stores: Stores) -> None:
    save(browser, MAILBOX, imap_host="imap.example.com", imap_password="p4ss w0rd ")
    stored = stores["polling_config"]["imap_password"]
    assert "p4ss" not in stored
    assert decrypt(stored) == "p4ss w0rd "
    page = browser.get(MAILBOX).content.decode()
    assert stored not in page
    assert "p4ss" not in page
    save(browser, MAILBOX, imap_user="ada")
    assert stores["polling_config"]["imap_password"] == stored


def test_a_password_that_was_typed_outlives_a_test(browser: Client, stores: Stores) -> None:
    typed = filled(browser.get(MAILBOX), imap_host="127.0.0.1", imap_password="p4ss", imap_user="a")
    tested = browser.post(MAILBOX, typed | {"_probe": "mailbox", "imap_port": "1"})
    assert "answer bad" in tested.content.decode()
    browser.post(MAILBOX, filled(tested))
    assert decrypt(stores["polling_config"]["imap_password"]) == "p4ss"


def test_a_stored_password_is_not_sent_to_another_server(browser: Client, stores: Stores) -> None:
    save(browser, MAILBOX, imap_host="imap.a.example", imap_user="a", imap_password="p4ss")
    moved = filled(browser.get(MAILBOX), imap_host="127.0.0.1", imap_security="none")
    for extra in ({}, {"_probe": "mailbox"}):
        answer = browser.post(MAILBOX, moved | extra).content.decode()
        assert "Enter the password again" in answer
        assert "answer bad" not in answer
    assert stores["polling_config"]["imap_host"] == "imap.a.example"
    browser.post(MAILBOX, moved | {"imap_password": "new"})
    assert stores["polling_config"]["imap_host"] == "127.0.0.1"


@pytest.mark.parametrize("address", PAGES.values())
def test_who_may_only_look_cannot_save(stores: Stores, address: str) -> None:
    bob = staff_with("view_webhook", "view_processing", "view_mailbox", "view_routing")
    page = bob.get(address)
    assert page.status_code == 200
    assert "Save" not in page.content.decode()
    assert bob.post(address, filled(page)).status_code == 403
    assert bob.get(address.replace("change", "json")).status_code == 403


def test_who_may_only_look_sees_no_token(stores: Stores) -> None:
    stores.redis.documents["webhook_config"] = {"webhook_url": "https://a.example/s3cret"}
    page = staff_with("view_webhook").get(WEBHOOK).content.decode()
    assert "https://a.example/…" in page
    assert "s3cret" not in page


@pytest.mark.parametrize("address", PAGES.values())
def test_who_has_no_permission_sees_nothing(stores: Stores, address: str) -> None:
    assert staff_with("view_revision").get(address).status_code == 403


def test_permissions_are_for_each_document(stores: Stores) -> None:
    bob = staff_with("change_webhook")
    assert bob.get(PROCESSING).status_code == 403
    save(bob, WEBHOOK, webhook_sending_enabled=None)
    assert stores["webhook_config"] == {"webhook_sending_enabled": False}
