"""Alerts in the admin."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from runtime.smtp import smtp_server
from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import PAGES, Stores
from tests.configstore.conftest import files as files  # the fixture
from tests.webhooks.examples import NOW, after
from tests.webhooks.staff import login
from webhooks.alerts.models import Alert, Notice
from webhooks.models import Delivery, EndpointState

pytestmark = pytest.mark.django_db
LIST = "/admin/webhooks/alert/"
DELIVERIES = "/admin/webhooks/delivery/"
PROCESSING = PAGES["processing_prefs"]


def alert_told_by(*channels: str) -> Alert:
    alert = Alert.objects.create(kind="failing", endpoint="sales", since=NOW, told_at=NOW)
    for channel in ("mail", "webhook"):
        Notice.objects.create(
            alert=alert, kind="failing", channel=channel, webhook_id="msg_1", count=4,
            sentence="Endpoint sales fails.", created_at=NOW,
            told_at=after(5) if channel in channels else None,
        )  # fmt: skip
    return alert


def test_the_list_says_how_people_were_told(admin_client: Client) -> None:
    alert_told_by()
    assert "nobody yet" in admin_client.get(LIST).content.decode()
    Alert.objects.all().delete()
    alert_told_by("mail", "webhook")
    assert "by mail, by webhook" in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("told_at", "cleared_at", "why"),
    [
        (None, NOW, "nobody: it ended before anybody had to be told"),
        (None, None, "nobody yet: the same is told once an hour at most"),
        (NOW, NOW, "nobody: no mail server with an address is set"),
    ],
)
def test_the_list_says_why_nobody_was_told(
    admin_client: Client, told_at: datetime | None, cleared_at: datetime | None, why: str
) -> None:
    Alert.objects.create(
        kind="dead", endpoint="sales", since=NOW, told_at=told_at, cleared_at=cleared_at
    )
    assert why in admin_client.get(LIST).content.decode()


@pytest.mark.parametrize(("channels", "shown"), [((), ">-<"), (("mail",), ">Nov. 20, 2026, ")])
def test_it_says_when_somebody_was_told_and_of_nobody_no_time(
    admin_client: Client, channels: tuple[str, ...], shown: str
) -> None:
    alert = alert_told_by(*channels)
    for address in (LIST, f"{LIST}{alert.pk}/change/"):
        page = admin_client.get(address).content.decode()
        told = re.search(r'class="[^"]*field-last_told.*?</(?:td|div)>', page, re.DOTALL)
        assert told and shown in told[0], address


@pytest.mark.usefixtures("files")
def test_the_list_says_that_nobody_is_told(admin_client: Client) -> None:
    page = admin_client.get(LIST).content.decode()
    assert "Nobody is told of alerts: “Tell people when deliveries are in trouble” is off." in page
    assert f"{PROCESSING}#id_notify_on_failure" in page
    admin_client.post(PROCESSING, filled(
        admin_client.get(PROCESSING), notify_on_failure="on",
        alert_webhook_url="https://alerts.example/x",
    ))  # fmt: skip
    assert "Nobody is told" not in admin_client.get(LIST).content.decode()


def test_what_could_not_be_told_says_why(admin_client: Client) -> None:
    alert_told_by()
    Notice.objects.update(error="the connection was refused", due_at=after(60))
    assert "nobody yet: the connection was refused" in admin_client.get(LIST).content.decode()
    Notice.objects.update(error="given up after a day: HTTP 503", due_at=None)
    assert "nobody: given up after a day: HTTP 503" in admin_client.get(LIST).content.decode()


def test_the_list_is_of_alerts_and_the_end_of_one_is_told_with_it(admin_client: Client) -> None:
    alert = alert_told_by("mail")
    Notice.objects.create(
        alert=alert, kind="recovered", channel="mail", webhook_id="msg_2", count=0,
        sentence="It takes deliveries again.", created_at=NOW, told_at=after(5),
    )  # fmt: skip
    page = admin_client.get(LIST).content.decode()
    assert "by mail; its end, too" in page
    assert "?kind=failing" in page
    assert "?kind=recovered" not in page
    assert "?kind=test" not in page
    assert not admin_client.get(LIST, {"kind": "dead"}).context["cl"].result_list


def test_an_alert_shows_its_messages_and_nothing_can_be_changed(admin_client: Client) -> None:
    address = f"/admin/webhooks/alert/{alert_told_by('mail').pk}/"
    page = admin_client.get(f"{address}change/").content.decode()
    assert "Endpoint sales fails." in page
    assert 'name="_save"' not in page
    assert admin_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get("/admin/webhooks/alert/add/").status_code == 403


@pytest.mark.parametrize(
    ("kind", "says", "leads_to"),
    [
        ("dead", "send them again", f"{DELIVERIES}send-again/?endpoint=sales"),
        ("dead", "not tried again", f"{DELIVERIES}?state__exact=dead&amp;endpoint=sales"),
        ("failing", "Check the receiver", "/admin/webhooks/endpointstate/"),
        ("failing", "asked again by itself", "/admin/configstore/webhook/sales/change/"),
        ("overdue", "what the deliveries wait for", f"{DELIVERIES}?open=yes&amp;endpoint=sales"),
    ],
)
def test_an_alert_says_what_to_do_and_leads_there(
    admin_client: Client, stores: Stores, kind: str, says: str, leads_to: str
) -> None:
    stores.redis.documents["webhook_config"] = {"endpoints": ["sales"]}
    alert = Alert.objects.create(kind=kind, endpoint="sales", since=NOW)
    Delivery.objects.create(
        message_id="a" * 40, source="default", endpoint="sales", state="dead", webhook_id="msg_1",
        payload="{}", created_at=NOW, due_at=NOW, settled_at=NOW,
    )  # fmt: skip
    page = admin_client.get(f"{LIST}{alert.pk}/change/").content.decode()
    assert says in page
    assert f'href="{leads_to}' in page


@pytest.mark.usefixtures("files")
def test_an_alert_leads_to_no_page_of_an_endpoint_that_was_removed(admin_client: Client) -> None:
    alert = Alert.objects.create(kind="failing", endpoint="sales", since=NOW)
    page = admin_client.get(f"{LIST}{alert.pk}/change/").content.decode()
    assert "Check the receiver" in page
    assert "/webhook/sales/" not in page


def test_the_alert_of_a_paused_endpoint_says_to_resume_it(admin_client: Client) -> None:
    EndpointState.objects.create(endpoint="sales", fingerprint="x", paused="it answered 410 Gone")
    page = admin_client.get(f"{LIST}{alert_told_by().pk}/change/").content.decode()
    assert "resume the endpoint" in page


def test_who_may_not_resume_is_told_that_others_may() -> None:
    EndpointState.objects.create(endpoint="sales", fingerprint="x", paused="it answered 410 Gone")
    page = login("view_alert").get(f"{LIST}{alert_told_by().pk}/change/").content.decode()
    assert "the endpoint has to be resumed" in page
    assert "Your user may only look" in page


def test_an_alert_that_is_over_asks_for_nothing(admin_client: Client) -> None:
    alert = Alert.objects.create(kind="dead", endpoint="sales", since=NOW, cleared_at=NOW)
    page = admin_client.get(f"{LIST}{alert.pk}/change/").content.decode()
    assert "nothing needs to be done" in page


def test_the_page_of_the_settings_says_that_no_mail_is_sent(
    admin_client: Client, settings: LazySettings
) -> None:
    sentence = "No mail is sent yet: set ALERT_SMTP_URL"
    assert sentence in admin_client.get(PROCESSING).content.decode()
    settings.ALERT_SMTP = smtp_server("smtps://smtp.example.org")
    assert sentence not in admin_client.get(PROCESSING).content.decode()


def test_the_button_tries_what_is_typed(admin_client: Client, settings: LazySettings) -> None:
    settings.EGRESS_ALLOWED_CIDRS = []
    typed = filled(admin_client.get(PROCESSING), alert_webhook_url="https://alerts.invalid:22/")
    page = admin_client.post(PROCESSING, typed | {"_probe": "alerts"}).content.decode()
    assert "port 22 belongs to another service" in page
