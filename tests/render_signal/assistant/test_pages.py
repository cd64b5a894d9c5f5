"""The pages of the assistant."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from configstore.models import Revision
from configstore.secrets import decrypt
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import Stores
from tests.render_signal.assistant.conftest import URL
from tests.render_signal.assistant.steps import allow, entered, submit, text
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox

pytestmark = pytest.mark.django_db


def test_a_mailbox_is_tried_and_saved(browser: Client, stores: Stores, mailbox: Mailbox) -> None:
    response = submit(browser, "mailbox", **entered(mailbox))
    assert "The mailbox is open to us." in text(response)
    stored = stores["polling_config"]
    assert stored.pop("imap_password") != mailbox.password
    assert stored == {
        "enable_polling": False,
        "imap_host": mailbox.host,
        "imap_port": mailbox.port,
        "imap_security": "none",
        "imap_user": mailbox.user,
    }
    assert Revision.objects.get().author == "ada"
    assert "imap_host" in LogEntry.objects.get().change_message


def test_a_mailbox_that_does_not_open_is_saved_only_if_somebody_insists(
    browser: Client, stores: Stores, mailbox: Mailbox
) -> None:
    response = submit(browser, "mailbox", **entered(mailbox, imap_password="wrong"))
    assert "The login was refused." in text(response)
    assert stores.redis.documents == {}
    submit(browser, "mailbox", "_save", **entered(mailbox, imap_password="wrong"))
    assert decrypt(stores["polling_config"]["imap_password"]) == "wrong"


def test_who_takes_no_password_is_logged_in_to_by_a_command(
    browser: Client, stores: Stores
) -> None:
    response = submit(browser, "mailbox", provider="microsoft", imap_user="ada@outlook.fr")
    assert "Microsoft takes no passwords for IMAP any more" in text(response)
    assert "mailboxlogin --provider microsoft --user ada@outlook.fr --later" in text(response)
    assert stores.redis.documents == {}


def test_without_a_script_a_button_fills_in_the_server(browser: Client, stores: Stores) -> None:
    response = submit(browser, "mailbox", "_fill", imap_user="ada@gmail.com", imap_port="")
    assert filled(response)["imap_host"] == "imap.gmail.com"
    assert filled(response)["imap_port"] == "993"
    assert "What Gmail, Google Workspace demands" in text(response)
    assert stores["polling_config"] is None


def test_another_provider_takes_the_server_of_the_first_away(
    browser: Client, stores: Stores
) -> None:
    gmail = {"imap_user": "ada@gmail.com", "imap_host": "imap.gmail.com"}
    response = submit(browser, "mailbox", "_fill", provider="other", **gmail)
    assert filled(response)["imap_host"] == ""


def test_what_is_missing_is_said_without_the_names_of_variables(
    browser: Client, stores: Stores
) -> None:
    for step in ("mailbox", "senders"):
        button = "_suggest" if step == "senders" else "_test"
        page = text(submit(browser, step, button))
        assert "Something is still missing" in page or "No mailbox is set up yet." in page
        assert "IMAP_SERVER" not in page
        assert "imap_password" not in page


def test_what_the_environment_says_is_shown_and_not_asked(
    browser: Client, stores: Stores, settings: LazySettings
) -> None:
    settings.IMAP_SERVER = "imap.example.net"
    page = browser.get(reverse("assistant_mailbox"))
    assert "Set by IMAP_SERVER in the environment, which wins." in text(page)
    assert "imap_host" not in filled(page)


def test_another_server_gets_no_stored_secret(browser: Client, described: Stores) -> None:
    described.redis.documents["polling_config"]["oauth_refresh_token"] = "token"
    before = dict(described["polling_config"])
    response = submit(browser, "mailbox", "_save", imap_host="evil.example")
    assert "it is stored for another server" in text(response)
    assert described["polling_config"] == before


def test_another_address_gets_no_stored_header(browser: Client, described: Stores) -> None:
    described.redis.documents["webhook_config"]["webhook_headers"] = {"x-key": "fernet:abc"}
    response = submit(browser, "endpoint", "_save", webhook_url="https://evil.example/x")
    assert "they are stored for another address" in text(response)
    assert described["webhook_config"]["webhook_url"] == URL


def test_an_endpoint_that_answers_404_is_told_what_to_do(
    browser: Client, stores: Stores, settings: LazySettings, endpoint: Endpoint
) -> None:
    allow(settings)
    endpoint.answer(Answer(status=404))
    response = submit(browser, "endpoint", webhook_url=endpoint.url)
    assert "did not take the test webhook: HTTP 404." in text(response)
    assert "Nothing listens at this address" in text(response)
    assert stores["webhook_config"] is None


def test_an_endpoint_is_tried_and_saved(
    browser: Client, stores: Stores, settings: LazySettings, endpoint: Endpoint
) -> None:
    allow(settings)
    assert "took the test webhook" in text(submit(browser, "endpoint", webhook_url=endpoint.url))
    assert stores["webhook_config"] == {"webhook_url": endpoint.url}
    assert endpoint.requests[0].headers["webhook-signature"]


def test_alerts_are_switched_on_by_one_click(browser: Client, described: Stores) -> None:
    address = reverse("assistant_finish")
    assert "Nobody is told of alerts: “Tell people when deliveries are in trouble” is off." in text(
        browser.get(address)
    )
    browser.post(address)
    assert described["processing_prefs"] == {"notify_on_failure": True}
    page = text(browser.get(address))
    assert "on, but nobody is reached" in page
    assert "Nobody is told of alerts: no mail server with an address is set" in page


def test_settings_that_were_changed_meanwhile_are_not_written_over(
    browser: Client, described: Stores, settings: LazySettings, endpoint: Endpoint
) -> None:
    allow(settings)
    address = reverse("assistant_endpoint")
    fields = filled(browser.get(address), webhook_url=endpoint.url)
    described.redis.documents["webhook_config"] = {"webhook_url": "https://theirs.example/x"}
    described.now += 60
    response = browser.post(address, {**fields, "_test": ""})
    assert "somebody else has changed these settings meanwhile" in text(response)
    assert described["webhook_config"] == {"webhook_url": "https://theirs.example/x"}


def test_a_store_that_cannot_be_asked_is_told(browser: Client, stores: Stores) -> None:
    stores.redis.away = stores.file.away = True
    response = browser.get(reverse("assistant"))
    assert response.status_code == 503
    assert "cannot be read" in text(response)


def test_a_step_that_is_sent_twice_goes_on(browser: Client, described: Stores) -> None:
    """A double click: the browser shows the second answer."""
    address = reverse("assistant_mailbox")
    fields = {**filled(browser.get(address), imap_password="hunter2"), "_save": ""}
    before = browser.post(address, fields)
    again = browser.post(address, fields)
    assert again.status_code == before.status_code == 302
    assert again["Location"] == before["Location"] == reverse("assistant_endpoint")
