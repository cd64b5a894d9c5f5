"""What the pages show and save, and for whom."""

from __future__ import annotations

import pytest
from django.test import Client

from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.secrets import decrypt, encrypt
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.saving import save
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import PAGES, Stores

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


@pytest.mark.parametrize("name", PollingConfig.SECRETS)
def test_each_secret_is_encrypted_kept_and_shown_nowhere(
    browser: Client, stores: Stores, name: str
) -> None:
    save(browser, MAILBOX, imap_host="imap.a.example", **{name: "s3cret"})
    stored = stores["polling_config"][name]
    assert decrypt(stored) == "s3cret"
    save(browser, MAILBOX, imap_user="ada")
    assert stores["polling_config"][name] == stored
    history = browser.get("/admin/configstore/revision/?document=polling_config")
    newest = browser.get("/admin/configstore/revision/1/change/", follow=True)
    for page in (browser.get(MAILBOX), history, newest):
        assert stored not in page.content.decode()
        assert "s3cret" not in page.content.decode()


@pytest.mark.parametrize(
    "moved",
    [
        {"imap_host": "imap.b.example"},
        {"oauth_token_url": "https://b.example/token"},
        {"oauth_provider": "google"},
        {"oauth_tenant": "b.example"},
    ],
)
def test_a_stored_token_is_not_sent_to_another_place(
    browser: Client, stores: Stores, moved: dict[str, str]
) -> None:
    oauth = {"oauth_provider": "microsoft", "oauth_client_id": "c", "oauth_refresh_token": "old"}
    save(browser, MAILBOX, imap_host="imap.a.example", imap_user="a", **oauth)
    before = stores["polling_config"]
    typed = filled(browser.get(MAILBOX), **moved)
    for extra in ({}, {"_probe": "mailbox"}):
        assert "Enter it again" in browser.post(MAILBOX, typed | extra).content.decode()
    assert stores["polling_config"] == before
    browser.post(MAILBOX, typed | {"oauth_refresh_token": "new"})
    assert decrypt(stores["polling_config"]["oauth_refresh_token"]) == "new"


def test_a_token_address_on_a_private_network_is_refused(browser: Client, stores: Stores) -> None:
    typed = filled(browser.get(MAILBOX), oauth_token_url="http://10.0.0.1/token")
    assert "EGRESS_ALLOWED_CIDRS" in browser.post(MAILBOX, typed).content.decode()
    assert not stores["polling_config"]


def test_a_token_that_the_relay_replaced_meanwhile_is_no_edit_of_somebody_else(
    browser: Client, stores: Stores
) -> None:
    save(browser, MAILBOX, imap_host="imap.a.example", oauth_refresh_token="old")
    page = filled(browser.get(MAILBOX), imap_user="ada")
    renewed = encrypt("renewed")
    stores.redis.documents["polling_config"] |= {"oauth_refresh_token": renewed}
    assert browser.post(MAILBOX, page).status_code == 302
    assert stores["polling_config"]["imap_user"] == "ada"
    assert stores["polling_config"]["oauth_refresh_token"] == renewed
    stores.redis.documents["polling_config"] |= {"imap_folder": "Other"}
    assert browser.post(MAILBOX, page | {"imap_user": "eve"}).status_code == 409


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


def test_the_address_of_the_alert_webhook_is_hidden_from_who_may_only_look(
    browser: Client, stores: Stores
) -> None:
    save(browser, PROCESSING, alert_webhook_url="https://alerts.example.com/t0ken?k=t0ken")
    pages = [
        staff_with("view_processing").get(PROCESSING),
        browser.get("/admin/configstore/revision/?document=processing_prefs"),
        browser.get("/admin/"),
    ]
    assert b"alerts.example.com" in pages[0].content
    assert [b"t0ken" in page.content for page in pages] == [False] * 3
