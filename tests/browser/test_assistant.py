"""Somebody who has set up nothing yet gets to the first webhook, and out of the usual traps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import NAME, PASSWORD
from tests.servers.browser import Person
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand
from tests.servers.web import Web

Enter = Callable[[], Person]
Stored = Callable[[str], Any]
Relay = Callable[[], ManageCommand]
SECONDS = 60_000


@pytest.fixture
def web(tmp_path: Path, redis_url: str) -> Iterator[Web]:
    """A receiver on this machine may be reached."""
    web = Web(
        tmp_path,
        {
            "REDIS_URL": redis_url,
            "DASHBOARD_USER": NAME,
            "DASHBOARD_PASSWORD": PASSWORD,
            "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8",
        },
    )
    yield web
    web.stop()


@pytest.fixture
def relay(make_runpoller: MakeRunpoller, web: Web, tmp_path: Path, redis_url: str) -> Relay:
    """Starts runpoller beside the web process, on the same disk."""

    def start() -> ManageCommand:
        return make_runpoller(
            folder=tmp_path, REDIS_URL=redis_url, EGRESS_ALLOWED_CIDRS="127.0.0.0/8"
        )

    return start


def enter_mailbox(ada: Person, mailbox: Mailbox, password: str) -> None:
    page = ada.page
    page.get_by_label("User", exact=True).fill(mailbox.user)
    page.get_by_label("Provider", exact=True).select_option("other")
    page.get_by_label("Server", exact=True).fill(mailbox.host)
    page.get_by_label("Port", exact=True).fill(str(mailbox.port))
    page.get_by_label("Security", exact=True).select_option("none")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Test and save").click()


def set_up(ada: Person, mailbox: Mailbox, endpoint: Endpoint) -> None:
    """From the first page to the test mail."""
    page = ada.page
    page.goto("/admin/")
    page.get_by_role("link", name="Begin").click()
    enter_mailbox(ada, mailbox, mailbox.password)
    ada.says("The mailbox is open to us.")
    page.get_by_role("link", name="Go on: Endpoint").click()
    page.get_by_label("Webhook URL").fill(endpoint.url)
    page.get_by_role("button", name="Test and save").click()
    ada.says("The receiver took the test webhook.")
    page.get_by_role("link", name="Go on: Which mails").click()
    page.get_by_label("Senders to relay").fill("studio.example")
    page.get_by_role("button", name="Save and go on").click()
    ada.says("Let us put a test mail there")


def put_test_mail(ada: Person) -> None:
    ada.page.get_by_role("button", name="Put a test mail into the mailbox").click()
    ada.says("Its way")


def waits_for(ada: Person, text: str) -> None:
    """Without a click or a reload: the page follows the mail by itself."""
    ada.page.get_by_text(text).first.wait_for(timeout=SECONDS)


def test_from_nothing_to_the_first_webhook(
    person: Enter, stored: Stored, mailbox: Mailbox, endpoint: Endpoint, relay: Relay
) -> None:
    ada = person()
    set_up(ada, mailbox, endpoint)
    assert stored("polling_config")["imap_password"].startswith("fernet:")
    assert mailbox.password not in json.dumps(stored("polling_config"))
    endpoint.clear()
    relay()
    put_test_mail(ada)
    waits_for(ada, "It works: the webhook has arrived.")
    ada.says("It answered 200 and has the webhook.")
    step = ada.page.get_by_role("navigation", name="Steps").get_by_text("Test mail")
    expect(step).to_have_text("Test mail: done")
    expect(ada.page.get_by_role("link", name="Next step")).to_be_visible()
    webhook = json.loads(endpoint.wait_for(1)[0].body)
    assert webhook["subject"].startswith("render_signal: test mail")
    assert webhook["sender_email"] == "test@studio.example"
    ada.page.get_by_role("link", name="What now?").click()
    ada.page.get_by_role("button", name="Switch alerts on").click()
    ada.says("in force within five seconds")
    assert stored("processing_prefs")["notify_on_failure"] is True
    ada.page.get_by_role("link", name="To the overview").click()
    assert ada.page.get_by_role("link", name="Begin").count() == 0


def test_a_wrong_password_is_told_and_not_saved(
    person: Enter, stored: Stored, mailbox: Mailbox
) -> None:
    ada = person()
    ada.page.goto("/admin/assistant/")
    enter_mailbox(ada, mailbox, "wrong")
    ada.says("refuses the user name or password")
    ada.says("Check user and password for a slip.")
    assert stored("polling_config") is None
    ada.page.get_by_label("Password", exact=True).fill(mailbox.password)
    ada.page.get_by_role("button", name="Test and save").click()
    ada.says("The mailbox is open to us.")


def test_without_a_poller_the_command_is_named_and_the_mail_goes_on_when_it_runs(
    person: Enter, mailbox: Mailbox, endpoint: Endpoint, relay: Relay
) -> None:
    ada = person()
    set_up(ada, mailbox, endpoint)
    put_test_mail(ada)
    ada.says("No mail is read: no runpoller is at work.")
    ada.says(".venv/bin/python manage.py runpoller")
    relay()
    waits_for(ada, "It works: the webhook has arrived.")


def test_an_endpoint_that_is_gone_is_told_at_both_steps(
    person: Enter, stored: Stored, mailbox: Mailbox, endpoint: Endpoint, relay: Relay
) -> None:
    ada = person()
    set_up(ada, mailbox, endpoint)
    relay()
    endpoint.answer(Answer(status=404))
    put_test_mail(ada)
    waits_for(ada, "It did not take the webhook: HTTP 404.")
    ada.says("Nothing listens at this address")
    ada.page.goto("/admin/assistant/endpoint/")
    ada.page.get_by_role("button", name="Test and save").click()
    ada.says("The receiver did not take the test webhook: HTTP 404.")
    ada.says("Nothing listens at this address")


def test_sending_that_is_switched_off_is_told(
    person: Enter, mailbox: Mailbox, endpoint: Endpoint, relay: Relay
) -> None:
    ada = person()
    set_up(ada, mailbox, endpoint)
    ada.page.goto("/admin/configstore/webhook/webhook_config/change/")
    ada.page.get_by_label("Send webhooks").uncheck()
    ada.page.get_by_role("button", name="Save", exact=True).click()
    ada.says("in force within five seconds")
    relay()
    ada.page.goto("/admin/assistant/test/")
    put_test_mail(ada)
    waits_for(ada, "sending is switched off")


def test_the_provider_is_guessed_from_the_address_and_says_what_it_demands(person: Enter) -> None:
    page = (ada := person()).page
    page.goto("/admin/assistant/mailbox/")
    page.get_by_label("User", exact=True).fill("ada@gmail.com")
    ada.says("What Gmail, Google Workspace demands")
    ada.says("mailboxlogin --provider google --user ada@gmail.com")
    assert page.locator("#id_imap_host").input_value() == "imap.gmail.com"
    page.get_by_label("Provider", exact=True).select_option("other")
    assert page.locator("#id_imap_host").input_value() == ""
    page.get_by_label("Provider", exact=True).select_option("proton")
    assert page.locator("#id_imap_port").input_value() == "1143"
    assert page.get_by_text("What Gmail, Google Workspace demands").is_hidden()


@pytest.mark.parametrize("address", ["mailbox/", "mails/", "test/?since=1"])
def test_a_strict_content_security_policy_breaks_nothing(person: Enter, address: str) -> None:
    page = person().page
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.route("**/*", add_policy)
    page.goto(f"/admin/assistant/{address}")
    page.wait_for_load_state("networkidle")
    assert [text for text in refused if "Content Security Policy" in text] == []


def add_policy(route: Route) -> None:
    answer = route.fetch()
    headers = answer.headers | {"content-security-policy": "default-src 'self'"}
    route.fulfill(response=answer, headers=headers)


@pytest.mark.parametrize("step", ["mailbox", "endpoint", "mails", "test", "done"])
def test_each_step_fits_a_phone(person: Enter, step: str) -> None:
    page = person().page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/admin/assistant/{step}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
