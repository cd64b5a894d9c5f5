"""What a mail and its deliveries wait for, as their pages say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from configstore.documents import WebhookConfig
from configstore.store import ConfigStore
from polling.models import KnownTerm
from tests.polling.mail_pages import (
    DELIVERIES,
    LIST,
    URL,
    delivery,
    mail,
    page,
    says,
    tried,
)
from webhooks.endpoints import fingerprint
from webhooks.models import EndpointState, Outcome, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def configured(file_store: ConfigStore) -> Callable[..., None]:
    """The webhook as a person has set it."""

    def save(**fields: object) -> None:
        document = {"webhook_url": URL, **fields}
        file_store.save(WebhookConfig, "webhook_config", document)

    return save


def test_what_holds_it_and_until_when_is_said_on_both_pages_and_both_lists(
    browser: Client, configured: Callable[..., None]
) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    configured(absence_pause_enabled=True, absence_pause_days=[*days, "sunday"])
    row, held = mail(), delivery(State.QUEUED)
    for address in (LIST, page(row), DELIVERIES, f"{DELIVERIES}{held.pk}/change/"):
        assert "eld until somebody acts: absence" in says(browser, address)
    configured(webhook_time_start="00:00", webhook_time_end="00:01")
    assert "held: outside the time window, until " in says(browser, page(row))


def test_a_failing_endpoint_says_when_it_is_asked_again(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    row = mail()
    delivery(State.RETRY)
    soon, mark = timezone.now() + timedelta(minutes=1), fingerprint(URL)
    EndpointState.objects.create(endpoint="default", fingerprint=mark, failures=9, probe_at=soon)
    assert "the endpoint is failing, and asked again at" in says(browser, page(row))
    EndpointState.objects.update(probe_at=timezone.now())
    assert "the endpoint is failing, and asked again now" in says(browser, page(row))


def test_the_time_of_the_next_try_is_said(browser: Client, configured: Callable[..., None]) -> None:
    configured()
    row = mail()
    delivery(State.RETRY, due_at=timezone.now() + timedelta(hours=2))
    assert "next try at" in says(browser, page(row))


def test_an_endpoint_that_is_not_listed_is_said_to_hold_it_and_how_it_is_added(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    row = mail()
    delivery(State.QUEUED, "gone")
    assert "is not listed in webhook_config: add it" in says(browser, page(row))
    add = "/admin/configstore/webhook/add/?name=gone"
    assert add in browser.get(page(row)).content.decode()
    assert 'value="gone"' in browser.get(add).content.decode()


def test_what_waits_for_the_mailbox_is_said(browser: Client) -> None:
    row = mail()
    delivery(State.QUEUED)
    KnownTerm.objects.create(mailbox="default", held_back=True)
    sentence = "eld until the mailbox can be asked whether another poller has sent it"
    assert sentence in says(browser, page(row))
    assert sentence in says(browser, LIST)


def test_a_mark_that_is_still_to_come_is_said(browser: Client) -> None:
    row = mail()
    delivery()
    assert "Its mark in the mailbox is still to come." in says(browser, page(row))


def test_a_try_that_is_repeated_says_what_its_status_means(
    browser: Client, configured: Callable[..., None]
) -> None:
    configured()
    waits = delivery(State.RETRY)
    tried(waits, 1, outcome=Outcome.FAILED, status=403, error="HTTP 403")
    assert "check the secret headers" in says(browser, f"{DELIVERIES}{waits.pk}/change/")
