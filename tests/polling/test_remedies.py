"""Wherever it is told that a delivery is held, it is told by what, and what ends it is at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.store import ConfigStore
from polling.models import Mail, MailState
from tests import journal
from tests.page_text import texts
from tests.webhooks.staff import login
from webhooks.endpoints import fingerprint
from webhooks.models import Delivery, EndpointState, State

pytestmark = pytest.mark.django_db
URL = "https://a.example/x"
SETTINGS = "/admin/configstore/webhook/webhook_config/change/"
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ABSENT = {"absence_pause_enabled": True, "absence_pause_days": WEEK}
NIGHT = {"webhook_time_start": "00:00", "webhook_time_end": "00:01"}
RESUME = 'name="endpoint" value="default"'
GONE = (
    "the endpoint answered 410 Gone: resume it among the endpoint states of the admin, or give it "
    "a new address"
)


@pytest.fixture
def waiting(file_store: ConfigStore) -> Callable[..., tuple[Mail, Delivery]]:
    """A mail whose delivery waits, with the webhook as a person has set it."""

    def make(endpoint: str = "default", **fields: object) -> tuple[Mail, Delivery]:
        file_store.save(WebhookConfig, "webhook_config", {"webhook_url": URL, **fields})
        now = timezone.now()
        mail = Mail.objects.create(
            mailbox=journal.mailbox(), uidvalidity=7, uid=7, state=MailState.RELAYED,
            message_id="a" * 40, subject="Lot 12", seen_at=now,
        )  # fmt: skip
        row = Delivery.objects.create(
            message_id="a" * 40, source="default", endpoint=endpoint, state=State.RETRY,
            subject="Lot 12", webhook_id="msg_1", payload="{}", created_at=now, failures=1,
            due_at=now + timedelta(hours=2),
        )  # fmt: skip
        return mail, row

    return make


def state(**fields: Any) -> EndpointState:
    return EndpointState.objects.create(
        endpoint="default", fingerprint=fingerprint(URL), failing_since=timezone.now(), **fields
    )


def pages(mail: Mail, row: Delivery) -> list[str]:
    return [
        f"/admin/polling/mail/{mail.pk}/change/",
        f"/admin/webhooks/delivery/{row.pk}/change/",
        "/admin/polling/mail/why/?q=lot",
    ]


LISTS = ("/admin/polling/mail/", "/admin/webhooks/delivery/")


def html(browser: Client, page: str) -> str:
    answer = browser.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "says", "field"),
    [
        (ABSENT, "absence", "absence_pause_enabled"),
        ({"webhook_sending_enabled": False}, "sending is switched off", "webhook_sending_enabled"),
        (NIGHT, "outside the time window", "webhook_time_start"),
        ({"webhook_url": None}, "no webhook URL is set", "webhook_url"),
    ],
)
def test_what_a_setting_holds_leads_to_that_setting(
    browser: Client, waiting: Callable[..., Any], fields: Mapping[str, Any], says: str, field: str
) -> None:
    mail, row = waiting(**fields)
    assert f'id="row_{field}"' in html(browser, SETTINGS)
    for page in (*pages(mail, row), *LISTS):
        found = html(browser, page)
        assert says in " ".join(texts(found)), page
        assert f"{SETTINGS}#row_{field}" in found, page
        assert RESUME not in found, page


def test_what_the_limit_of_the_hour_holds_leads_to_the_limit(
    browser: Client, waiting: Callable[..., Any], file_store: ConfigStore
) -> None:
    mail, row = waiting()
    file_store.save(ProcessingPrefs, "processing_prefs", {"rate_limit_per_hour": 1})
    row.tries.create(number=1, token="0" * 32, started_at=timezone.now())
    for page in (*pages(mail, row), *LISTS):
        found = html(browser, page)
        assert "1 webhooks have left within the hour, and 1 may, until" in " ".join(texts(found))
        assert "/processing_prefs/change/#row_rate_limit_per_hour" in found, page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"failures": 1, "paused": GONE}, "the endpoint answered 410 Gone"),
        ({"failures": 7, "probe_at": timezone.now() + timedelta(days=1)}, "asked again at"),
        ({"failures": 2}, "ext try at"),
    ],
)
def test_what_a_person_may_resume_has_the_button(
    browser: Client, waiting: Callable[..., Any], fields: Mapping[str, Any], says: str
) -> None:
    mail, row = waiting()
    state(**fields)
    for page in pages(mail, row):
        found = html(browser, page)
        assert says in " ".join(texts(found)), page
        assert SETTINGS in found, page
        assert RESUME in found, page
        assert f'name="back" value="{page}"' in found, page
        assert "endpoint states of the admin" not in " ".join(texts(found)), "the button is there"
    for page in LISTS:
        assert SETTINGS in html(browser, page), page
    looking = login("view_delivery")
    assert RESUME not in html(looking, pages(mail, row)[1])
    assert SETTINGS in html(looking, pages(mail, row)[1])


def test_what_a_paused_endpoint_holds_is_suspended_and_waits_for_no_try(
    browser: Client, waiting: Callable[..., Any]
) -> None:
    mail, row = waiting()
    state(failures=1, paused=GONE)
    for page in (*pages(mail, row), *LISTS):
        found = " ".join(texts(html(browser, page)))
        assert "uspended until the endpoint is resumed or has a new address" in found, page
        assert found.count("waiting for a retry") == (page in LISTS[1:]), "but as a filter"


def test_a_pause_that_hides_another_says_both(browser: Client, waiting: Callable[..., Any]) -> None:
    mail, row = waiting(**NIGHT)
    state(failures=1, paused=GONE)
    for page in (*pages(mail, row), *LISTS):
        said = " ".join(texts(html(browser, page)))
        assert "; and after that until somebody acts: the endpoint answered 410" in said, page


def test_an_endpoint_that_is_not_listed_is_added_from_there(
    browser: Client, waiting: Callable[..., Any]
) -> None:
    mail, row = waiting("gone")
    for page in (*pages(mail, row), *LISTS):
        assert "/admin/configstore/webhook/add/?name=gone" in html(browser, page), page
