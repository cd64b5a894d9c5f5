"""The button that sends a test alert."""

from __future__ import annotations

import json

import pytest
from django.conf import LazySettings

from configstore.documents import ProcessingPrefs
from runtime.smtp import smtp_server
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.smtp import SmtpServer
from webhooks.alerts.models import Alert
from webhooks.alerts.probe import try_alerts

pytestmark = pytest.mark.django_db


def prefs(**fields: object) -> ProcessingPrefs:
    return ProcessingPrefs.model_validate(fields)


def test_the_button_sends_by_each_channel_and_keeps_no_alert(
    smtp: SmtpServer, endpoint: Endpoint
) -> None:
    answer = try_alerts(
        "processing_prefs", prefs(alert_emails="ada@example.com", alert_webhook_url=endpoint.url)
    )
    assert answer.ok, answer
    assert answer.sentence == "The test alert was sent."
    assert dict(answer.facts) == {"by mail": "ada@example.com", "by webhook": "taken"}
    assert json.loads(endpoint.requests[0].body)["kind"] == "test"
    assert "If you can read it" in smtp.mails[0].text
    assert not Alert.objects.exists()


def test_the_button_says_what_went_wrong(smtp: SmtpServer, endpoint: Endpoint) -> None:
    smtp.replies["AUTH"] = "535 no"
    endpoint.answer(Answer(status=404))
    answer = try_alerts(
        "processing_prefs", prefs(alert_emails="ada@example.com", alert_webhook_url=endpoint.url)
    )
    assert not answer.ok
    facts = dict(answer.facts)
    assert "refuses the login (535)" in facts["by mail"]
    assert facts["by webhook"] == "HTTP 404"


def test_the_button_says_what_is_missing(settings: LazySettings, endpoint: Endpoint) -> None:
    assert "ALERT_SMTP_URL is not set" in try_alerts("processing_prefs", prefs()).sentence
    settings.ALERT_SMTP = smtp_server("smtp://127.0.0.1")
    assert "no superuser has one" in try_alerts("processing_prefs", prefs()).sentence


def test_an_alert_webhook_follows_the_egress_guard(settings: LazySettings) -> None:
    settings.EGRESS_ALLOWED_CIDRS = []
    answer = try_alerts("processing_prefs", prefs(alert_webhook_url="https://169.254.169.254/"))
    assert not answer.ok
    assert "may not reach" in dict(answer.facts)["by webhook"]
