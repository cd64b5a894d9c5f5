"""Alerts in the admin."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from runtime.smtp import smtp_server
from tests.configstore.admin.conftest import PAGES
from tests.configstore.admin.html_form import filled
from tests.webhooks.examples import NOW, after
from webhooks.alert_rows import Alert, Notice

pytestmark = pytest.mark.django_db
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
    assert "nobody yet" in admin_client.get("/admin/webhooks/alert/").content.decode()
    Alert.objects.all().delete()
    alert_told_by("mail", "webhook")
    assert "by mail, by webhook" in admin_client.get("/admin/webhooks/alert/").content.decode()


def test_an_alert_shows_its_messages_and_nothing_can_be_changed(admin_client: Client) -> None:
    address = f"/admin/webhooks/alert/{alert_told_by('mail').pk}/"
    page = admin_client.get(f"{address}change/").content.decode()
    assert "Endpoint sales fails." in page
    assert 'name="_save"' not in page
    assert admin_client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get("/admin/webhooks/alert/add/").status_code == 403


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
