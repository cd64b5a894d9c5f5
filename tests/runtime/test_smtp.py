"""Mail to a real server, in good days and bad ones."""

from __future__ import annotations

import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.smtp import Mailer, MailNotSent, SmtpServer, smtp_server
from tests.servers.certificates import Certificates
from tests.servers.fixtures import MakeSmtp
from tests.servers.ports import HOST, free_port
from tests.servers.smtp import LOGIN

PEOPLE = ("ada@example.com", "bob@example.com")


@pytest.fixture(autouse=True)
def _trust(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))


def message(text: str = "Bonjour, ça va ?\n.\n..\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "relay@example.com", ", ".join(PEOPLE), "Alert"
    made.set_content(text, cte="quoted-printable")
    return made


def send(url: str, seconds: float = 5.0) -> int:
    return Mailer(seconds).send(smtp_server(url), message(), PEOPLE)


def why_not(url: str, seconds: float = 5.0) -> str:
    with pytest.raises(MailNotSent) as caught:
        send(url, seconds)
    assert LOGIN[1] not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_arrives_encrypted_and_whole(make_smtp: MakeSmtp, security: str) -> None:
    server = make_smtp(security)
    assert send(server.url) == 0
    (mail,) = server.mails
    assert (mail.encrypted, mail.login) == (True, LOGIN[0])
    assert (mail.sender, mail.recipients) == ("relay@example.com", [*PEOPLE])
    assert mail.text == "Bonjour, ça va ?\n.\n..\n"


def test_no_password_is_sent_in_the_clear(make_smtp: MakeSmtp) -> None:
    server = make_smtp("none")
    assert "offers no STARTTLS" in why_not(server.url)
    assert server.mails == []
    assert send(f"smtp://{HOST}:{server.port}") == 0
    assert [mail.encrypted for mail in server.mails] == [False]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    make_smtp: MakeSmtp, security: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(other.ca_file))
    server = make_smtp(security)
    assert "certificate is not trusted" in why_not(server.url)
    assert server.mails == []


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "MESSAGE"])
@pytest.mark.parametrize(("reply", "sentence"), [("", "within 0.5 s"), (None, "closed")])
def test_a_server_that_hangs_or_hangs_up_is_left_in_time(
    make_smtp: MakeSmtp, stage: str, reply: str | None, sentence: str
) -> None:
    server = make_smtp()
    server.replies[stage] = reply
    assert sentence in why_not(server.url, 0.5 if reply == "" else 5.0)


def test_a_server_that_drips_is_left_in_time(make_smtp: MakeSmtp) -> None:
    server = make_smtp()
    server.drip = 0.1
    begun = time.monotonic()
    assert "no complete answer within 1 s" in why_not(server.url, 1.0)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(
    ("stage", "reply", "sentence"),
    [
        ("CONNECT", "421 go away", "refuses the mail (421 go away)"),
        ("AUTH", f"535 not {LOGIN[1]}", "refuses the login (535)"),
        ("MAIL", f"550 sender {LOGIN[1]} unknown", "refuses the mail (550 sender … unknown)"),
        ("RCPT", "550 nobody", "refuses each recipient (550 nobody)"),
        ("MESSAGE", "554 spam", "refuses the mail (554 spam)"),
    ],
)
def test_a_refusal_is_told_in_its_words(
    make_smtp: MakeSmtp, stage: str, reply: str, sentence: str
) -> None:
    server = make_smtp()
    server.replies[stage] = reply
    assert sentence in why_not(server.url)


def test_a_recipient_who_is_refused_leaves_the_others(make_smtp: MakeSmtp) -> None:
    server = make_smtp()
    server.replies["bob@example.com"] = "550 nobody"
    assert send(server.url) == 1
    assert [mail.recipients for mail in server.mails] == [["ada@example.com"]]


@pytest.mark.parametrize("farewell", ["", None, "500 what"])
def test_what_is_said_to_the_farewell_changes_nothing(
    make_smtp: MakeSmtp, farewell: str | None
) -> None:
    server = make_smtp()
    server.replies["QUIT"] = farewell
    assert send(server.url) == 0


def test_a_server_that_is_not_there_is_told() -> None:
    assert "Connection refused" in why_not(f"smtps://{HOST}:{free_port()}")


def test_a_mail_that_is_cut_ends_at_once_and_none_follows(make_smtp: MakeSmtp) -> None:
    server = make_smtp()
    server.replies["DATA"] = ""
    mailer = Mailer(30.0)
    threading.Timer(0.5, mailer.cut).start()
    begun = time.monotonic()
    for _ in range(2):
        with pytest.raises(MailNotSent, match="stopped while sending"):
            mailer.send(smtp_server(server.url), message(), PEOPLE)
    assert time.monotonic() - begun < 5
    assert server.connections == 1


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://smtp.example.org", ("smtp.example.org", 465, True, "", "")),
        ("smtp://smtp.example.org", ("smtp.example.org", 587, False, "", "")),
        ("smtp://a%40b:p%2Fw%20d@h:25/", ("h", 25, False, "a@b", "p/w d")),
        ("smtps://u:p@[::1]:465", ("::1", 465, True, "u", "p")),
    ],
)
def test_a_server_is_read_from_its_url(url: str, server: tuple[object, ...]) -> None:
    found = smtp_server(url)
    assert (found.host, found.port, found.tls, found.user, found.password) == server
    assert "p/w d" not in repr(found)


@pytest.mark.parametrize(
    "url",
    ["smtp.example.org", "https://h", "smtp://", "smtp://u@h", "smtp://u:p@h:x", "smtp://u:p@h:0",
     "smtp://:p@h", "smtp://u:p%C3%A9@h", "smtp://u:p%0A@h", "smtp://h/path", "smtp://[h"],
)  # fmt: skip
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(malformed|not a server|not a login)$"):
        smtp_server(url)


@given(st.text())
def test_any_text_is_a_server_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(smtp_server(text), SmtpServer)
    except ValueError as exc:
        assert str(exc) in ("malformed", "not a server", "not a login")


def test_a_greeting_logs_in_and_sends_nothing(make_smtp: MakeSmtp) -> None:
    server = make_smtp("tls")
    Mailer(5.0).greet(smtp_server(server.url))
    assert (server.connections, server.mails) == (1, [])
