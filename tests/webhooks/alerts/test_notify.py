"""What reaches people, by real servers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from standardwebhooks import Webhook

from configstore.signing_secrets import derived_secrets
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.servers.smtp import LOGIN, SmtpServer
from tests.webhooks.alerts.watching import Watched, tried, watched
from tests.webhooks.examples import FAILED, NOW, OK, after, enqueue
from tests.webhooks.examples import endpoint as described
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.notify import SIGNER, Messenger

pytestmark = pytest.mark.django_db
URL = "https://hook.example.com/secret-path"


@pytest.fixture
def relay(smtp: SmtpServer, endpoint: Endpoint) -> Iterator[Watched]:
    """Alerts to ada and to the endpoint."""
    with watched(URL, endpoint.url) as relay:
        relay.configure(processing_prefs={"alert_emails": ["ada@example.com"]})
        yield relay


def fail(at: float = 0) -> None:
    enqueue("a", at=after(at))
    tried(described(URL), *[FAILED] * 4, at=after(at))


def test_a_mail_says_what_happened_to_what_and_what_to_do(relay: Watched, smtp: SmtpServer) -> None:
    fail()
    relay.look()
    (mail,) = smtp.mails
    assert (mail.sender, mail.recipients, mail.encrypted) == (
        "relay@example.com",
        ["ada@example.com"],
        True,
    )
    assert mail.message["Subject"] == "render_signal: failing endpoint default"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.text.startswith("Endpoint default (hook.example.com) has failed 4 times in a row")
    assert "secret-path" not in mail.message.as_string()


def test_the_webhook_is_signed_json(relay: Watched, endpoint: Endpoint) -> None:
    fail()
    relay.look()
    (request,) = endpoint.requests
    notice = Notice.objects.get(channel="webhook")
    assert request.json == {
        "kind": "failing",
        "endpoint": "default",
        "sentence": notice.sentence,
        "count": 4,
        "at": NOW.isoformat(),
    }
    Webhook(derived_secrets(SIGNER)[0]).verify(request.body.decode(), dict(request.headers))
    assert request.headers["webhook-id"] == notice.webhook_id


def test_the_command_prints_the_secret_of_the_alert_webhook(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("signingsecret", "--alerts")
    assert capsys.readouterr().out.strip() == derived_secrets(SIGNER)[0]
    call_command("signingsecret")
    assert capsys.readouterr().out.strip() != derived_secrets(SIGNER)[0]


def test_without_addresses_the_superusers_are_told(relay: Watched, smtp: SmtpServer) -> None:
    relay.configure(processing_prefs={"alert_emails": []})
    User.objects.create_superuser("ada", "ada@example.org")
    User.objects.create_superuser("bob", "")
    User.objects.create_superuser("tim", "tim@example.org\nBcc: all@example.org")
    User.objects.create_superuser("eve", "eve@example.org", is_active=False)
    User.objects.create_user("joe", "joe@example.org")
    fail()
    relay.look()
    assert [mail.recipients for mail in smtp.mails] == [["ada@example.org"]]


def test_without_anybody_to_tell_the_log_says_so_once(
    relay: Watched, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALERT_SMTP = None
    relay.configure(processing_prefs={"alert_webhook_url": None})
    fail()
    relay.look()
    relay.look(after(30))
    assert caplog.text.count("alerts reach nobody but this log") == 1
    assert "Alert: Endpoint default (hook.example.com) has failed 4 times" in caplog.text
    assert Alert.objects.get().told_at == NOW


def test_a_message_that_failed_is_sent_by_a_later_look_with_its_id(
    relay: Watched, smtp: SmtpServer, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(status=500)])
    smtp.replies["DATA"] = "451 later"
    fail()
    relay.look()
    assert smtp.mails == []
    del smtp.replies["DATA"]
    relay.look(after(10))
    assert smtp.mails == []
    relay.look(after(31))
    (mail,) = smtp.mails
    first, second = endpoint.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert mail.message["Message-ID"] == f"<{second.headers['webhook-id']}@example.com>"


def test_a_mail_server_that_hangs_keeps_back_no_webhook_and_costs_one_try(
    relay: Watched, smtp: SmtpServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay.watch, "_messenger", Messenger(0.5))
    relay.configure(
        webhook_config={"endpoints": ["sales"]},
        webhook_config__sales={"webhook_url": "https://10.0.0.1/"},
    )
    smtp.replies["CONNECT"] = ""
    fail()
    relay.look()
    assert [request.json["endpoint"] for request in endpoint.requests] == ["default", "sales"]
    assert smtp.connections == 1


def test_a_stop_ends_what_hangs_within_a_second(
    relay: Watched, smtp: SmtpServer, committed_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    smtp.replies["CONNECT"] = ""
    fail()
    thread = threading.Thread(target=relay.run)
    thread.start()
    ends = time.monotonic() + 10
    while not smtp.connections and time.monotonic() < ends:
        time.sleep(0.02)
    begun = time.monotonic()
    relay.stop()
    thread.join(10)
    assert time.monotonic() - begun < 1
    assert Notice.objects.filter(told_at=None, due_at__isnull=False).count() == 2


def test_no_secret_is_in_the_log_or_in_a_row(
    relay: Watched,
    smtp: SmtpServer,
    endpoint: Endpoint,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "c4nary"
    url = f"https://hook.example.com/{canary}"
    relay.configure(
        processing_prefs={"alert_webhook_url": f"{endpoint.url}/{canary}?k={canary}"},
        webhook_config={"webhook_url": url},
    )
    endpoint.answer(Answer(status=500))
    enqueue("a")
    tried(described(url), *[FAILED] * 4)
    for moment, reply in enumerate((f"535 {LOGIN[1]}", f"454 {LOGIN[1]}", None)):
        smtp.replies["AUTH"] = reply
        relay.look(after(moment * 120))
    told = caplog.text + str(list(Notice.objects.values())) + str(list(Alert.objects.values()))
    told += repr(settings.ALERT_SMTP)
    assert told.count("could not be told by mail") == 3
    assert canary not in told
    assert LOGIN[1] not in told


def test_a_recovery_is_told_by_mail_too(relay: Watched, smtp: SmtpServer) -> None:
    fail()
    relay.look()
    tried(described(URL), OK, at=after(10))
    relay.look(after(30))
    assert [mail.message["Subject"] for mail in smtp.mails] == [
        "render_signal: failing endpoint default",
        "render_signal: recovered endpoint default",
    ]


def test_an_answer_that_never_comes_does_not_keep_the_watch(
    relay: Watched, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay.watch, "_messenger", Messenger(0.5))
    endpoint.answer(HANG)
    fail()
    begun = time.monotonic()
    relay.look()
    assert time.monotonic() - begun < 5
    assert "no complete answer within 0.5 s" in Notice.objects.get(channel="webhook").error
