"""How a session gets from a connection to a user who is logged in."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import pytest

from polling.errors import Kind, MailboxTimeout, MailboxTrouble
from polling.session import Session
from tests.polling.described import account
from tests.polling.examples import mail
from tests.servers.certificates import Certificates
from tests.servers.fixtures import MakeImap
from tests.servers.imap_replies import send, silence
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook
from tests.servers.imap_session import Session as ServerSession
from tests.servers.mailbox import Mailbox
from tests.servers.ports import HOST, free_port

SECONDS = 2.0
LOGINS = ("LOGIN", "AUTHENTICATE")


@contextmanager
def opened(port: int, /, **changes: Any) -> Iterator[Session]:
    with closing(Session(account(port, **changes), timeout=SECONDS)) as session:
        yield session


def by_starttls(mailbox: Mailbox, host: str = HOST) -> AbstractContextManager[Session]:
    return opened(
        mailbox.port,
        host=host,
        user=mailbox.user,
        password=mailbox.password,
        security="starttls",
    )


def refused(server: ScriptedImap, **changes: Any) -> str:
    """The sentence by which the account is refused before any password has left."""
    with pytest.raises(MailboxTrouble) as caught, opened(server.port, **changes):
        pass
    assert caught.value.kind is Kind.CONFIGURATION
    assert not [command for name in LOGINS for command in server.named(name)]
    return str(caught.value)


@pytest.fixture
def trusting(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))


@pytest.fixture
def trusting_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")


@pytest.mark.usefixtures("trusting")
def test_starttls_encrypts_what_follows(mailbox: Mailbox) -> None:
    uid = mailbox.append(mail())
    with by_starttls(mailbox) as session:
        assert isinstance(session._client.socket(), ssl.SSLSocket)
        assert session.search(["ALL"]) == [uid]


@pytest.mark.usefixtures("trusting_nobody")
def test_starttls_with_a_certificate_that_nobody_vouches_for_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(MailboxTrouble, match="the certificate of .* is not trusted") as caught:
        by_starttls(mailbox).__enter__()
    assert caught.value.kind is Kind.CONFIGURATION


@pytest.mark.usefixtures("trusting")
def test_starttls_with_a_certificate_of_another_host_is_refused(mailbox: Mailbox) -> None:
    same_machine = "127.1"  # by a name that is not in the certificate
    with pytest.raises(MailboxTrouble, match="the certificate of 127.1 is not trusted"):
        by_starttls(mailbox, same_machine).__enter__()


def test_a_server_without_starttls_does_not_get_the_password(make_imap: MakeImap) -> None:
    server = make_imap()
    assert "does not offer STARTTLS" in refused(server, security="starttls")


def test_a_connection_that_is_logged_in_before_starttls_is_left(make_imap: MakeImap) -> None:
    server = make_imap()
    server.capabilities += " STARTTLS"
    server.on("CONNECT", send(b"* PREAUTH welcome\r\n"))
    assert "logged the connection in before STARTTLS" in refused(server, security="starttls")


def agree_and_say_no_more(session: ServerSession, command: Command) -> None:
    session.ok(command)
    silence(session, command)


@pytest.mark.parametrize("answer", [silence, agree_and_say_no_more])
def test_starttls_that_does_not_go_on_is_left_at_the_deadline(
    make_imap: MakeImap, answer: Hook
) -> None:
    server = make_imap()
    server.capabilities += " STARTTLS"
    server.on("STARTTLS", answer)
    begun = time.monotonic()
    with pytest.raises(MailboxTimeout, match="IMAP STARTTLS timeout after 2 s"):
        opened(server.port, security="starttls").__enter__()
    assert time.monotonic() - begun < 2 * SECONDS


def test_a_server_that_wants_no_password_in_clear_does_not_get_it(make_imap: MakeImap) -> None:
    server = make_imap()
    server.capabilities += " LOGINDISABLED"
    assert "Set imap_security to starttls" in refused(server)


@pytest.mark.parametrize(
    ("auth", "offers", "command"),
    [
        ("auto", "AUTH=PLAIN", "AUTHENTICATE"),
        ("auto", "", "LOGIN"),
        ("plain", "AUTH=PLAIN", "AUTHENTICATE"),
        ("login", "AUTH=PLAIN", "LOGIN"),
    ],
)
def test_the_kind_of_login_is_that_of_the_document(
    make_imap: MakeImap, auth: str, offers: str, command: str
) -> None:
    server = make_imap()
    server.capabilities = f"IMAP4rev1 {offers}".strip()
    with opened(server.port, auth=auth):
        assert [name for name in LOGINS if server.named(name)] == [command]


def test_plain_where_it_is_not_offered_is_told(make_imap: MakeImap) -> None:
    server = make_imap()
    server.capabilities = "IMAP4rev1"
    assert "does not offer PLAIN. Set imap_auth" in refused(server, auth="plain")


@pytest.mark.parametrize("changes", [{"password": "à"}, {"user": "ü"}])
def test_login_takes_no_other_characters_than_ascii(
    make_imap: MakeImap, changes: dict[str, str]
) -> None:
    server = make_imap()
    assert "ASCII characters only" in refused(server, auth="login", **changes)


@pytest.mark.parametrize("changes", [{"password": "secret\n"}, {"user": "a\r\nb"}])
def test_a_line_break_in_the_password_is_told(make_imap: MakeImap, changes: dict[str, str]) -> None:
    assert "contains a line break" in refused(make_imap(), **changes)


def test_a_host_that_is_no_name_is_told_as_such() -> None:
    with pytest.raises(MailboxTrouble, match="'mail..relay.example' is no host name") as caught:
        Session(account(993, host="mail..relay.example"), timeout=SECONDS)
    assert caught.value.kind is Kind.CONFIGURATION


def test_a_password_of_stray_bytes_is_told_without_them(make_imap: MakeImap) -> None:
    with pytest.raises(MailboxTrouble, match="characters that cannot be sent") as caught:
        Session(account(make_imap().port, password="s\udce9cret"), timeout=SECONDS)
    assert caught.value.kind is Kind.CONFIGURATION
    assert "udce9" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SELECT", b"* OK [UIDVALIDITY abc] x\r\n"),
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1 \xe9\r\n"),
    ],
)
def test_an_unreadable_answer_is_trouble_like_any_other(
    make_imap: MakeImap, command: str, answer: bytes
) -> None:
    server = make_imap()

    def garble(session: ServerSession, command: Command) -> None:
        session.send(answer)
        session.ok(command)

    server.on(command, garble)
    with pytest.raises(MailboxTrouble) as caught, opened(server.port):
        pass
    assert caught.value.kind is Kind.TRANSIENT


def connection_trouble(port: int, **changes: Any) -> MailboxTrouble:
    with pytest.raises(MailboxTrouble) as caught, opened(port, **changes):
        pass
    return caught.value


def test_tls_to_a_port_in_clear_says_what_to_look_at(mailbox: Mailbox) -> None:
    trouble = connection_trouble(mailbox.port, security="tls")
    assert trouble.kind is Kind.CONFIGURATION
    assert f"{HOST}:{mailbox.port} does not speak TLS. Check imap_port" in str(trouble)


def test_clear_text_to_a_port_of_tls_says_what_to_look_at(mailbox: Mailbox) -> None:
    trouble = connection_trouble(mailbox.tls_port)
    assert f"timeout after 2 s: {HOST}:{mailbox.tls_port} does not answer in time. Check" in str(
        trouble
    )


def test_a_refused_connection_says_which_and_what_to_look_at() -> None:
    port = free_port()
    trouble = connection_trouble(port)
    assert f"{HOST}:{port} refuses the connection. Check imap_host and imap_port" in str(trouble)


def test_a_refusal_that_repeats_the_password_is_told_without_it(make_imap: MakeImap) -> None:
    """The sentence goes to the log, to /health and to pages."""
    server = make_imap()
    server.on(
        "LOGIN", lambda peer, command: peer.send(f"{command.tag} NO {command.arguments}?\r\n")
    )
    with pytest.raises(MailboxTrouble) as trouble, opened(server.port, auth="login"):
        pass
    assert "refuses the user name or password" in str(trouble.value)
    assert "the-password" not in str(trouble.value)
