"""The step in which somebody says which mails are relayed: no mail is read before."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from configstore.documents import PollingConfig
from polling.accounts import find_account
from polling.models import MailboxState
from polling.schedule import standing_down
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import Stores
from tests.render_signal.assistant.conftest import URL
from tests.render_signal.assistant.steps import entered, submit, text
from tests.servers.mailbox import Mailbox

pytestmark = pytest.mark.django_db
SENDERS = "assistant_senders"


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
