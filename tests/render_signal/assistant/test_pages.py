"""The pages of the assistant."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from configstore.documents import PollingConfig
from configstore.models import Revision
from configstore.secrets import decrypt
from polling.accounts import find_account
from polling.models import MailboxState
from polling.schedule import standing_down
from tests.configstore.admin.conftest import Stores, staff_with
from tests.configstore.admin.html_form import filled
from tests.render_signal.assistant.conftest import URL
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox

pytestmark = pytest.mark.django_db
STEPS = ("mailbox", "endpoint", "senders", "trial", "finish")
PERMISSIONS = ("change_mailbox", "change_webhook", "change_processing")
SENDERS = "assistant_senders"
every_page = pytest.mark.parametrize(
    "name", ["assistant", "assistant_progress", *(f"assistant_{step}" for step in STEPS)]
)
every_step = pytest.mark.parametrize("step", STEPS)


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def submit(browser: Client, step: str, button: str = "_test", **changes: Any) -> Any:
    address = reverse(f"assistant_{step}")
    fields = filled(browser.get(address), **changes)
    return browser.post(address, {**fields, button: ""})


def entered(mailbox: Mailbox, **changes: Any) -> dict[str, Any]:
    return {
        "imap_user": mailbox.user,
        "imap_host": mailbox.host,
        "imap_port": mailbox.port,
        "imap_security": "none",
        "imap_password": mailbox.password,
        **changes,
    }


@every_page
def test_nobody_gets_in_without_the_permission_to_change_all_of_it(
    stores: Stores, name: str
) -> None:
    address = reverse(name)
    assert "/login/" in Client().get(address)["Location"]
    assert staff_with(*PERMISSIONS[:2]).get(address).status_code == 403


@every_step
def test_who_may_change_the_documents_may_use_it(stores: Stores, step: str) -> None:
    assert staff_with(*PERMISSIONS).get(reverse(f"assistant_{step}")).status_code == 200


@every_step
def test_a_form_of_another_site_is_refused(browser: Client, ada: Any, step: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(reverse(f"assistant_{step}")).status_code == 403


@every_step
def test_a_strict_policy_for_its_content_would_hold(
    browser: Client, described: Stores, step: str
) -> None:
    page = browser.get(reverse(f"assistant_{step}")).content.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []
    scripts = re.findall(r"<script([^>]*)>", page)
    assert [each for each in scripts if "src=" not in each] == []


def test_it_begins_at_the_first_step_that_is_not_done(browser: Client, described: Stores) -> None:
    assert browser.get(reverse("assistant"))["Location"] == reverse("assistant_senders")


def test_it_is_offered_while_something_is_missing(browser: Client, stores: Stores) -> None:
    assert "Let us set it up" in text(browser.get("/admin/"))
    assert "Let us set it up" not in text(staff_with("change_mailbox").get("/admin/"))


def test_it_is_not_offered_any_more_and_can_still_be_found(
    browser: Client, described: Stores
) -> None:
    page = browser.get("/admin/")
    assert "Let us set it up" not in text(page)
    assert f'href="{reverse("assistant")}"' in page.content.decode()


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


def test_senders_and_links_are_saved_as_a_decision(browser: Client, described: Stores) -> None:
    response = submit(browser, "senders")
    assert response["Location"] == reverse("assistant_trial")
    assert described["polling_config"]["sender_of_interest_for_polling"] == []
    assert described["processing_prefs"] == {"relay_without_links": False}


def test_nothing_is_read_before_somebody_has_said_which_mails(
    browser: Client, stores: Stores, mailbox: Mailbox
) -> None:
    submit(browser, "mailbox", **entered(mailbox))
    stores.redis.documents["webhook_config"] = {"webhook_url": URL}
    stores.now += 60
    assert standing_down(stores.store.get(PollingConfig), timezone.now())
    first = text(browser.get("/admin/"))
    assert "No mail is read yet: nobody has said which mails are relayed." in first
    assert "Let us set it up" in first
    assert "reading begins when this step is saved" in text(browser.get(reverse(SENDERS)))
    trial = f"{reverse('assistant_trial')}?since=1"
    assert "say first which mails are relayed" in text(browser.get(trial))
    submit(browser, "mailbox", **entered(mailbox))
    assert stores["polling_config"]["enable_polling"] is False
    submit(browser, "senders")
    stored = stores["polling_config"]
    assert (stored["enable_polling"], stored["sender_of_interest_for_polling"]) == (True, [])
    stores.now += 60
    assert not standing_down(stores.store.get(PollingConfig), timezone.now())
    assert "reading begins" not in text(browser.get(reverse(SENDERS)))
    assert "Let us set it up" not in text(browser.get("/admin/"))


def test_a_mailbox_that_was_set_up_elsewhere_is_read_as_before(
    browser: Client, stores: Stores, mailbox: Mailbox
) -> None:
    stores.redis.documents["polling_config"] = mailbox.document()
    submit(browser, "mailbox", **entered(mailbox, imap_password=""))
    assert "enable_polling" not in stores["polling_config"]
    stores.redis.documents["polling_config"]["enable_polling"] = False
    MailboxState.objects.create(
        identity=find_account(stores.store, "default").identity, searched_at=timezone.now()
    )
    stores.now += 60
    assert "reading begins" not in text(browser.get(reverse(SENDERS)))
    submit(browser, "senders")
    assert stores["polling_config"]["enable_polling"] is False


def test_senders_of_the_last_mails_are_proposed(
    browser: Client, stores: Stores, mailbox: Mailbox
) -> None:
    stores.redis.documents["polling_config"] = mailbox.document()
    for sender in ("a@studio.example", "a@studio.example", "b@shop.example"):
        mailbox.append(f"From: {sender}\r\nSubject: x\r\n\r\nx".encode())
    page = text(submit(browser, "senders", "_suggest"))
    assert "a@studio.example 2 mails" in page
    assert "b@shop.example 1 mail" in page
    assert mailbox.uids("UNSEEN") == [1, 2, 3]
    submit(browser, "senders", suggested=["a@studio.example"])
    senders = stores["polling_config"]["sender_of_interest_for_polling"]
    assert senders == ["a@studio.example"]


def test_a_slip_loses_no_sender_that_was_ticked(browser: Client, described: Stores) -> None:
    address = reverse("assistant_senders")
    fields = filled(browser.get(address), sender_of_interest_for_polling="no address at all")
    offered = {"offered": ["2 a@studio.example", "1 b@shop.example"]}
    ticked = {**offered, "suggested": ["a@studio.example"]}
    response = browser.post(address, {**fields, **ticked, "_test": ""})
    page = response.content.decode()
    assert 'value="a@studio.example" checked' in page
    assert 'value="b@shop.example">' in page
    assert filled(response)["sender_of_interest_for_polling"] == "no address at all"


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


def allow(settings: LazySettings) -> None:
    """Webhooks may go to this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]


def test_a_step_that_is_sent_twice_goes_on(browser: Client, described: Stores) -> None:
    """A double click: the browser shows the second answer."""
    address = reverse("assistant_mailbox")
    fields = {**filled(browser.get(address), imap_password="hunter2"), "_save": ""}
    before = browser.post(address, fields)
    again = browser.post(address, fields)
    assert again.status_code == before.status_code == 302
    assert again["Location"] == before["Location"] == reverse("assistant_endpoint")
