"""The protocol log of a mailbox: what real servers say of it, and how it is kept."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from polling import fetch
from polling.accounts import Account
from polling.errors import MailboxTrouble
from polling.models import ProtocolLine, ProtocolLog
from polling.protocol.logs import ProtocolLogs
from polling.protocol.recorder import LINE_CHARACTERS, MOST_LINES, RECORDERS, Recorder, Side
from polling.session import Session
from tests.polling.described import account
from tests.polling.examples import LINK, SENDER, mail
from tests.polling.oauth.accounts import account_of
from tests.servers.fixtures import MakeDovecot, MakeImap
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_port
from tests.servers.provider import Provider

HOUR = timedelta(hours=1)
SUBJECT = "Recadrage du lot 4711"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    RECORDERS["default"] = recorder = Recorder()
    yield recorder
    RECORDERS.clear()


@pytest.fixture
def logs() -> Iterator[ProtocolLogs]:
    logs = ProtocolLogs()
    yield logs
    logs.close()


def read_a_mail(described: Account) -> None:
    with closing(Session(described, timeout=5.0)) as session:
        uids = session.search(["ALL"])
        found = fetch.overviews(session, uids)
        fetch.bodies(session, [each for each in found.values() if each])
        session.fetch(uids, ["ENVELOPE", "BODYSTRUCTURE"], 4000)


def told(recorder: Recorder) -> str:
    return "\n".join(f"{line.side} {line.text}" for line in recorder.take())


def betrayed(text: str, *secrets: str) -> list[str]:
    words = [*secrets, *(base64.b64encode(secret.encode()).decode() for secret in secrets)]
    return [word for word in (*words, SUBJECT, LINK, SENDER, "livraison") if word in text]


@pytest.mark.parametrize("auth", ["login", "plain"])
@pytest.mark.parametrize("security", ["none", "starttls"])
def test_dovecot_is_heard_without_the_password_and_without_the_mail(
    mailbox: Mailbox,
    recorder: Recorder,
    auth: str,
    security: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.ca_file))
    mailbox.append(mail(SUBJECT))
    named = {"user": mailbox.user, "password": mailbox.password}
    read_a_mail(account(mailbox.port, auth=auth, security=security, **named))
    text = told(recorder)
    command = "LOGIN …" if auth == "login" else "AUTHENTICATE PLAIN …"
    wanted = [
        "note connected to 127.0.0.1", ") ready.", command, "UID SEARCH ALL",
        "received * SEARCH 1", "FETCH (UID 1", "RFC822.SIZE", "ENVELOPE (…)", "LOGOUT",
        "OK [READ-WRITE]",
    ]  # fmt: skip
    assert [part for part in wanted if part not in text] == []
    assert betrayed(text, mailbox.password, mailbox.user) == []


def test_what_the_library_writes_for_itself_holds_no_password_and_no_mail(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.append(mail(SUBJECT))
    with caplog.at_level(logging.DEBUG, "imapclient"):
        named = {"user": mailbox.user, "password": mailbox.password}
        read_a_mail(account(mailbox.port, auth="login", **named))
    assert betrayed(caplog.text, mailbox.password) == []


def test_a_server_that_repeats_the_login_is_heard_without_it(
    make_imap: MakeImap, recorder: Recorder
) -> None:
    """As Gmail does with the user, and nobody should with the password."""
    server, described = make_imap(), account(0)
    said = f"{described.user} authenticated with {described.password}"
    server.on("LOGIN", lambda session, command: session.send(f"{command.tag} OK {said}\r\n"))
    refusing = f"[UNAVAILABLE] {said}"
    server.on("SELECT", lambda session, command: session.send(f"{command.tag} NO {refusing}\r\n"))
    with pytest.raises(MailboxTrouble) as told_to_people:
        read_a_mail(account(server.port, auth="login"))
    text = told(recorder)
    assert "OK … authenticated with …" in text
    assert betrayed(text, described.user, described.password) == []
    assert described.password not in str(told_to_people.value)


@pytest.mark.usefixtures("no_tokens")
def test_dovecot_is_heard_without_the_access_token(
    make_dovecot: MakeDovecot, provider: Provider, recorder: Recorder
) -> None:
    dovecot = make_dovecot(introspection_url=provider.introspection_url)
    Mailbox(dovecot, provider.user).drop([mail(SUBJECT)])
    read_a_mail(account_of(provider, dovecot.port))
    provider.withdraw()
    read_a_mail(account_of(provider, dovecot.port))
    text = told(recorder)
    assert "AUTHENTICATE XOAUTH2 …" in text
    assert " NO [AUTHENTICATIONFAILED]" in text
    assert betrayed(text, *provider.secrets(), provider.user) == []


def test_a_server_that_repeats_the_password_is_heard_without_it(
    mailbox: Mailbox, recorder: Recorder
) -> None:
    with pytest.raises(MailboxTrouble):
        read_a_mail(account(mailbox.port, user=mailbox.user, password="wrong horse"))
    text = told(recorder)
    assert "note IMAP login failed" in text
    assert "wrong horse" not in text


def test_what_cannot_be_reached_is_noted(recorder: Recorder) -> None:
    with pytest.raises(MailboxTrouble):
        read_a_mail(account(free_port()))
    assert "refuses the connection" in told(recorder)


def test_who_is_switched_on_in_the_middle_of_a_session_hears_the_rest(mailbox: Mailbox) -> None:
    described = account(mailbox.port, user=mailbox.user, password=mailbox.password)
    with closing(Session(described, timeout=5.0)) as session:
        RECORDERS["default"] = recorder = Recorder()
        session.noop()
        RECORDERS.clear()
        session.noop()
    sent, *_ = lines = told(recorder).splitlines()
    assert sent.endswith(" NOOP")
    assert [line for line in lines if line.startswith("sent")] == [sent]


def test_a_recorder_has_the_last_lines_and_cuts_them() -> None:
    recorder = Recorder()
    for number in range(MOST_LINES + 5):
        recorder.note(Side.SENT, f"{number} {'x' * 600}")
    recorder.note(Side.SENT, "")
    lines = [*recorder.take()]
    assert len(lines) == MOST_LINES
    assert lines[0].text.startswith("5 ")
    assert {len(line.text) for line in lines} == {LINE_CHARACTERS}


@pytest.mark.django_db
def test_it_is_written_while_it_is_switched_on(logs: ProtocolLogs) -> None:
    logs.look()
    assert RECORDERS == {}
    ProtocolLog.keep("sales", timezone.now() + HOUR)
    logs.look()
    RECORDERS["sales"].note(Side.SENT, "KLMN1 NOOP")
    logs.look()
    RECORDERS["sales"].note(Side.RECEIVED, "KLMN1 OK done")
    ProtocolLog.keep("sales", timezone.now())
    logs.look()
    assert RECORDERS == {}
    rows = ProtocolLine.objects.order_by("pk").values_list("log__mailbox", "side", "text")
    assert [*rows] == [("sales", "sent", "KLMN1 NOOP"), ("sales", "received", "KLMN1 OK done")]


@pytest.mark.django_db
def test_the_end_of_the_process_loses_nothing_of_it(logs: ProtocolLogs) -> None:
    ProtocolLog.keep("default", timezone.now() + HOUR)
    logs.look()
    RECORDERS["default"].note(Side.NOTE, "stopping")
    logs.close()
    assert ProtocolLine.objects.get().text == "stopping"


@pytest.mark.django_db
def test_the_last_thousand_lines_stay(logs: ProtocolLogs) -> None:
    ProtocolLog.keep("default", timezone.now() + HOUR)
    logs.look()
    for first in (0, 700):
        for number in range(first, first + 700):
            RECORDERS["default"].note(Side.SENT, f"{number}")
        logs.look()
    texts = [*ProtocolLine.objects.order_by("pk").values_list("text", flat=True)]
    assert (len(texts), texts[0], texts[-1]) == (MOST_LINES, "400", "1399")


@pytest.mark.django_db
def test_a_day_after_its_end_it_is_deleted(logs: ProtocolLogs) -> None:
    log = ProtocolLog.keep("default", timezone.now() - 23 * HOUR)
    ProtocolLine.objects.create(log=log, at=timezone.now(), side=Side.SENT, text="NOOP")
    logs.look()
    assert ProtocolLine.objects.count() == 1
    ProtocolLog.keep("default", timezone.now() - 25 * HOUR)
    ProtocolLogs().look()
    assert ProtocolLog.objects.count() == ProtocolLine.objects.count() == 0


@pytest.mark.django_db
def test_where_nobody_wants_one_a_look_is_one_question(logs: ProtocolLogs) -> None:
    logs.look()
    with CaptureQueriesContext(connection) as queries:
        logs.look()
    assert len(queries) == 1
