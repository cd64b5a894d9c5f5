"""A login by access token, on servers that take nothing else."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from polling.errors import Kind, MailboxTrouble, TokenRefused
from polling.session import Session
from tests.polling.examples import mail
from tests.polling.oauth.accounts import account_of, demanding
from tests.servers.certificates import Certificates
from tests.servers.fixtures import MakeDovecot, MakeImap
from tests.servers.imap_replies import bye, say, times
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command
from tests.servers.imap_session import Session as ServerSession
from tests.servers.mailbox import Mailbox
from tests.servers.provider import Provider, refusing

pytestmark = pytest.mark.usefixtures("no_tokens")
SECONDS = 2.0


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def server(make_imap: MakeImap, provider: Provider, said: list[str]) -> ScriptedImap:
    server = make_imap()
    server.capabilities = "IMAP4rev1 IDLE ID AUTH=XOAUTH2"
    server.on("AUTHENTICATE", demanding(provider, said))
    return server


def log_in(provider: Provider, server: ScriptedImap) -> None:
    with closing(Session(account_of(provider, server.port), SECONDS)):
        pass


def trouble(provider: Provider, server: ScriptedImap) -> MailboxTrouble:
    with pytest.raises(MailboxTrouble) as caught:
        log_in(provider, server)
    told = str(caught.value)
    assert not [secret for secret in provider.secrets() if secret in told]
    return caught.value


def test_dovecot_takes_the_token_that_the_provider_vouches_for(
    make_dovecot: MakeDovecot, provider: Provider
) -> None:
    dovecot = make_dovecot(introspection_url=provider.introspection_url)
    Mailbox(dovecot, provider.user).drop([mail()])
    with closing(Session(account_of(provider, dovecot.port), SECONDS)) as session:
        assert session.search(["ALL"]) == [1]
    assert provider.introspected == [provider.access_token]


def test_a_token_that_dovecot_refuses_before_its_end_is_replaced_once(
    make_dovecot: MakeDovecot, provider: Provider
) -> None:
    dovecot = make_dovecot(introspection_url=provider.introspection_url)
    for expected in (1, 1, 2):
        if expected == 2:
            provider.withdraw()
        with closing(Session(account_of(provider, dovecot.port), SECONDS)):
            assert len(provider.asked) == expected


def test_the_client_says_who_it_is_as_xoauth2_wants_it(
    server: ScriptedImap, provider: Provider, said: list[str]
) -> None:
    log_in(provider, server)
    assert said == [f"user={provider.user}\1auth=Bearer {provider.access_token}\1\1"]
    [command] = server.named("AUTHENTICATE")
    assert command.arguments == "XOAUTH2"


def test_a_refusal_is_answered_by_an_empty_line_and_a_new_token_is_tried_once(
    server: ScriptedImap, provider: Provider, said: list[str]
) -> None:
    log_in(provider, server)
    provider.withdraw()
    log_in(provider, server)
    assert said[2] == "\r\n"
    assert said[3] != said[1]
    assert len(provider.asked) == 2


def test_a_new_token_that_is_refused_is_a_trouble_with_the_account(
    server: ScriptedImap, provider: Provider
) -> None:
    provider.seconds = -1.0
    refused = trouble(provider, server)
    assert isinstance(refused, TokenRefused)
    assert refused.kind is Kind.AUTHENTICATION
    assert "refuses the access token of user@relay.example" in str(refused)
    assert "Check imap_user (EMAIL_ADDRESS)" in str(refused)
    assert "`manage.py mailboxlogin default`" in str(refused)
    assert (server.connections, len(provider.asked)) == (1, 1)
    trouble(provider, server)
    assert (server.connections, len(provider.asked)) == (2, 2)


def test_a_server_that_is_busy_does_not_cost_the_token(
    server: ScriptedImap, provider: Provider
) -> None:
    server.on("AUTHENTICATE", times(1, say("NO [LIMIT] too many")))
    assert trouble(provider, server).kind is Kind.LIMIT
    server.on("AUTHENTICATE", None)
    log_in(provider, server)
    assert len(provider.asked) == 1


def test_a_server_that_ends_it_is_no_trouble_with_the_account(
    server: ScriptedImap, provider: Provider
) -> None:
    server.on("AUTHENTICATE", bye())
    assert trouble(provider, server).kind is Kind.TRANSIENT


def test_a_server_that_challenges_for_ever_is_left(
    server: ScriptedImap, provider: Provider
) -> None:
    def challenge(session: ServerSession, command: Command) -> None:
        while True:
            session.send("+ \r\n")
            if session.read_line().strip() == b"*":
                session.send(f"{command.tag} BAD cancelled\r\n")
                return

    server.on("AUTHENTICATE", challenge)
    begun = time.monotonic()
    trouble(provider, server)
    assert time.monotonic() - begun < SECONDS


def test_xoauth2_where_it_is_not_offered_is_told_before_the_token_leaves(
    server: ScriptedImap, provider: Provider
) -> None:
    server.capabilities = "IMAP4rev1 AUTH=PLAIN"
    refused = trouble(provider, server)
    assert refused.kind is Kind.CONFIGURATION
    assert "does not offer XOAUTH2. Set imap_auth" in str(refused)
    assert not server.named("AUTHENTICATE")


def test_a_server_that_takes_tokens_alone_gets_no_password(
    make_imap: MakeImap,
    provider: Provider,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    server = make_imap(tls=True)
    server.capabilities = "IMAP4rev1 LOGINDISABLED AUTH=XOAUTH2"
    password = {"auth": "auto", "password": "p4ss", "oauth": None, "security": "tls"}
    with pytest.raises(MailboxTrouble, match="but OAuth2: run `manage.py mailboxlogin default`"):
        Session(account_of(provider, server.port, **password), SECONDS)
    assert not server.named("LOGIN")


def test_without_a_token_nobody_connects(server: ScriptedImap, provider: Provider) -> None:
    provider.trouble = refusing("invalid_grant")
    refused = trouble(provider, server)
    assert refused.kind is Kind.AUTHENTICATION
    assert str(refused) == (
        "IMAP login failed: 127.0.0.1 does not accept the refresh token any more (invalid_grant). "
        "Run `manage.py mailboxlogin default` to log in again."
    )
    assert server.connections == 0
