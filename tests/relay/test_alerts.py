"""Somebody is told: from the mailbox to the mail about it, with real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from standardwebhooks import Webhook

from tests.polling.examples import mail
from tests.relay.documents import write
from tests.relay.waiting import eventually
from tests.servers.certificates import Certificates
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeSmtp
from tests.servers.mailbox import Mailbox
from tests.servers.smtp import LOGIN, SmtpServer

CANARY = "c4nary-of-the-alert-webhook"


@pytest.fixture
def receiver(certificates: Certificates) -> Iterator[Endpoint]:
    """Of alerts."""
    with closing(Endpoint(certificates)) as receiver:
        yield receiver


@pytest.fixture
def smtp(make_smtp: MakeSmtp) -> SmtpServer:
    return make_smtp("starttls")


def variables(smtp: SmtpServer) -> dict[str, str]:
    return {"ALERT_SMTP_URL": smtp.url, "ALERT_FROM": "relay@example.com"}


def ask(folder: Path, receiver: Endpoint, **fields: object) -> None:
    """Another save of the settings has the relay look at once."""
    alerts = {"alert_emails": ["ada@example.com"], "alert_webhook_url": f"{receiver.url}/{CANARY}"}
    write(folder, "processing_prefs", **{"notify_on_failure": True, **alerts, **fields})


def test_an_endpoint_that_fails_is_told_and_then_that_it_is_back(
    mailbox: Mailbox,
    endpoint: Endpoint,
    receiver: Endpoint,
    smtp: SmtpServer,
    folder: Path,
    make_runpoller: MakeRunpoller,
) -> None:
    endpoint.answer(Answer(status=503))
    mailbox.drop([mail(f"mail {number}") for number in range(6)])
    ask(folder, receiver, notify_on_failure=False)
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **variables(smtp))
    eventually(lambda: runpoller.output.count("Not delivered") >= 5)
    ask(folder, receiver)
    (told,) = smtp.wait_for(1)
    assert told.recipients == ["ada@example.com"]
    assert told.message["Subject"] == "render_signal: failing endpoint default"
    (request,) = receiver.wait_for(1)
    assert request.json["sentence"] in told.text
    secret = make_runpoller("signingsecret", "--alerts", folder=folder)
    assert secret.wait() == 0
    Webhook(secret.output).verify(request.body.decode(), dict(request.headers))
    endpoint.answer(Answer())
    eventually(lambda: runpoller.output.count("Delivered ") == 6, 30)
    ask(folder, receiver, retry_delay_sec=3)
    assert smtp.wait_for(2)[1].message["Subject"] == "render_signal: recovered endpoint default"
    assert receiver.wait_for(2)[1].json["kind"] == "recovered"
    assert runpoller.stop() < 5
    assert CANARY not in runpoller.output
    assert LOGIN[1] not in runpoller.output


def test_a_mail_server_that_hangs_holds_up_neither_deliveries_nor_the_stop(
    mailbox: Mailbox,
    endpoint: Endpoint,
    receiver: Endpoint,
    smtp: SmtpServer,
    folder: Path,
    make_runpoller: MakeRunpoller,
) -> None:
    smtp.replies["CONNECT"] = ""
    endpoint.answer_in_turn([Answer(status=413)])
    ask(folder, receiver, notify_on_failure=False)
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **variables(smtp))
    mailbox.append(mail("too large"))
    line = runpoller.wait_line("Given up")
    time.sleep(max(0.0, line.time + 6 - time.monotonic()))  # what is just committed is not seen
    ask(folder, receiver)
    eventually(lambda: smtp.connections == 1)
    mailbox.append(mail("meanwhile"))
    begun = time.monotonic()
    endpoint.wait_for(2)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 2)
    assert time.monotonic() - begun < 10
    assert "could not be told" not in runpoller.output
    assert runpoller.stop() < 5
    assert "could not be told by mail: 127.0.0.1: stopped while sending" in runpoller.output


def test_a_single_pass_tells_too(
    mailbox: Mailbox,
    endpoint: Endpoint,
    receiver: Endpoint,
    smtp: SmtpServer,
    folder: Path,
    make_runpoller: MakeRunpoller,
) -> None:
    endpoint.answer(Answer(status=410))
    mailbox.append(mail())
    ask(folder, receiver)
    once = make_runpoller(
        "runpoller", "--once", mailbox=mailbox, endpoint=endpoint, **variables(smtp)
    )
    assert once.wait() == 0
    assert "answered 410 Gone" in smtp.wait_for(1)[0].text
    assert len(receiver.requests) == 1


def test_of_several_processes_on_one_postgres_one_tells_it(
    mailbox: Mailbox,
    endpoint: Endpoint,
    receiver: Endpoint,
    smtp: SmtpServer,
    tmp_path: Path,
    postgres_url: str,
    redis_url: str,
    make_runpoller: MakeRunpoller,
) -> None:
    shared = {**variables(smtp), "DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    endpoint.answer(Answer(status=410))
    homes = [tmp_path / name for name in ("one", "two", "three")]
    pollers = [
        make_runpoller(
            folder=home, mailbox=mailbox, endpoint=endpoint, CONFIG_STORE_DISABLE_REDIS="true",
            **shared,
        )
        for home in homes
    ]  # fmt: skip
    mailbox.append(mail())
    endpoint.wait_for(1)
    eventually(lambda: any("Deliveries wait" in poller.output for poller in pollers))
    for home in homes:
        ask(home, receiver)
    smtp.wait_for(1)
    receiver.wait_for(1)
    for number in (3, 4):  # each of them looks again, twice
        for home in homes:
            ask(home, receiver, retry_delay_sec=number)
        time.sleep(3)
    assert sum(poller.output.count("Alert: Nothing is sent") for poller in pollers) == 1
    assert (len(smtp.mails), len(receiver.requests)) == (1, 1)
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT kind, told_at IS NOT NULL FROM webhooks_notice")
        assert rows.fetchall() == [("failing", True)] * 2
