"""A mailbox that takes no passwords, from the document to the webhook."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from configstore.secrets import decrypt, encrypt
from tests.polling.examples import mail
from tests.polling.oauth.accounts import demanding
from tests.relay.documents import describe
from tests.relay.health import health
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.dovecot import Dovecot
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeDovecot, MakeImap
from tests.servers.mailbox import Mailbox
from tests.servers.provider import Provider, answering, authorized
from tests.servers.runpoller import ManageCommand

REVOKED = "127.0.0.1 does not accept the refresh token any more"


@pytest.fixture
def strict(make_dovecot: MakeDovecot, provider: Provider) -> Dovecot:
    """A mail server that takes tokens alone."""
    return make_dovecot(introspection_url=provider.introspection_url)


@pytest.fixture
def inbox(strict: Dovecot, provider: Provider) -> Mailbox:
    return Mailbox(strict, provider.user)


@pytest.fixture(autouse=True)
def no_secret_is_ever_said(make_runpoller: MakeRunpoller) -> Iterator[list[ManageCommand]]:
    commands: list[ManageCommand] = []
    yield commands
    assert not [
        secret for command in commands for secret in Provider.secrets() if secret in command.output
    ]


class Relay:
    """A container with one mailbox."""

    def __init__(
        self, folder: Path, inbox: Mailbox, provider: Provider, endpoint: Endpoint,
        make: MakeRunpoller, commands: list[ManageCommand],
    ) -> None:  # fmt: skip
        self.folder, self._inbox, self._provider = folder, inbox, provider
        self._endpoint, self._make, self._commands = endpoint, make, commands

    def describe(self, **fields: object) -> None:
        fields = {"oauth_refresh_token": encrypt(self._provider.refresh_token), **fields}
        described = self._provider.document(**fields)
        describe(self.folder, **self._inbox.document(None, **described))

    def start(self, *arguments: str, **variables: str) -> ManageCommand:
        command = self._make(*arguments, endpoint=self._endpoint, **variables)
        self._commands.append(command)
        return command

    def health(self, command: ManageCommand) -> str:
        told = health(command, self._make)
        assert not [secret for secret in Provider.secrets() if secret in told]
        return told

    @property
    def document(self) -> dict[str, Any]:
        stored: dict[str, Any] = json.loads(
            (self.folder / "config" / "polling_config.json").read_text()
        )
        return stored


@pytest.fixture
def relay(
    folder: Path,
    inbox: Mailbox,
    provider: Provider,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    no_secret_is_ever_said: list[ManageCommand],
) -> Relay:
    return Relay(folder, inbox, provider, endpoint, make_runpoller, no_secret_is_ever_said)


def subjects(endpoint: Endpoint) -> list[str]:
    return [request.json["subject"] for request in endpoint.requests]


def test_a_session_ends_before_its_token_and_a_mail_still_arrives_once(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    provider.seconds = 12
    relay.describe()
    inbox.drop([mail(subject="first")])
    relay.start()
    endpoint.wait_for(1)
    eventually(lambda: len(set(provider.introspected)) >= 2, seconds=20)
    inbox.drop([mail(subject="second")])
    endpoint.wait_for(2, timeout=15)
    time.sleep(7)
    assert subjects(endpoint) == ["first", "second"]
    assert len(provider.asked) <= 6
    assert provider.introspected == list(dict.fromkeys(provider.introspected))


def test_a_refresh_token_that_was_replaced_is_there_for_the_next_process(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    provider.rotates = True
    relay.describe(imap_folder="INBOX", unknown_field="kept")
    inbox.drop([mail(subject="first")])
    first = relay.start()
    endpoint.wait_for(1)
    eventually(lambda: decrypt(relay.document["oauth_refresh_token"]) == provider.refresh_token)
    assert relay.document["unknown_field"] == "kept"
    assert len(first.output.split("IMAP connected")) == 2
    first.stop()
    inbox.drop([mail(subject="second")])
    relay.start()
    endpoint.wait_for(2)
    assert [form["refresh_token"] for form in provider.asked] == ["r3fresh-0", "r3fresh-1"]


def test_a_grant_that_was_revoked_is_told_and_ends_with_a_new_one(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    relay.describe()
    provider.refresh_token = "r3fresh-of-today"
    inbox.drop([mail()])
    runpoller = relay.start()
    line = runpoller.wait_line(rf"WARNING .*IMAP login failed: {REVOKED}.*IMAP reconnect").text
    assert "Run `manage.py mailboxlogin default` to log in again" in line
    told = relay.health(runpoller)
    assert "the login is refused: check user and password, or log in again" in told
    assert '"kind": "authentication"' in told
    time.sleep(5)
    assert len(provider.asked) == 1
    relay.describe()
    endpoint.wait_for(1, timeout=8)
    assert '"status": "ok"' in relay.health(runpoller)


def test_while_the_provider_is_away_it_is_asked_again_with_patience(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    provider.trouble = answering(503)
    relay.describe()
    inbox.drop([mail()])
    runpoller = relay.start()
    runpoller.wait_line(r"gives no token at the moment \(HTTP 503\) \[transient, IMAP reconnect")
    time.sleep(6)
    assert len(provider.asked) <= 6
    assert '"kind": "transient"' in relay.health(runpoller)
    provider.trouble = None
    endpoint.wait_for(1, timeout=15)


def test_a_session_outlives_a_provider_that_is_away_when_its_token_is_due(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    provider.seconds = 30
    relay.describe()
    runpoller = relay.start()
    runpoller.wait_line("IMAP connected")
    provider.trouble = answering(503)
    runpoller.wait_line(r"\[transient, the present token goes on for \d+ s\]", timeout=30)
    inbox.drop([mail()])
    endpoint.wait_for(1)
    assert runpoller.output.count("IMAP connected") == 1
    provider.trouble = None
    eventually(lambda: len(set(provider.introspected)) == 2, seconds=30)
    assert "IMAP reconnect" not in runpoller.output


def test_the_environment_is_enough_for_the_default_mailbox(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    provider.rotates = True
    variables = {
        name: value for name, value in inbox.environment().items() if name != "EMAIL_PASSWORD"
    }
    fields = provider.document()
    for name in ("PROVIDER", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "TOKEN_URL", "SCOPE"):
        variables[f"EMAIL_OAUTH_{name}"] = str(fields[f"oauth_{name.lower()}"])
    inbox.drop([mail()])
    runpoller = relay.start(**variables)
    endpoint.wait_for(1)
    runpoller.wait_line("WARNING .*EMAIL_OAUTH_REFRESH_TOKEN cannot be changed from here")


def test_a_server_that_ends_the_session_with_the_token_costs_nothing(
    folder: Path,
    make_imap: MakeImap,
    provider: Provider,
    endpoint: Endpoint,
    relay: Relay,
) -> None:
    server = make_imap([mail(subject="first").as_bytes()])
    server.capabilities = "IMAP4rev1 IDLE UIDPLUS ID AUTH=XOAUTH2"
    server.on("AUTHENTICATE", demanding(provider, []))
    relay.describe(imap_port=server.port)
    relay.start()
    endpoint.wait_for(1)
    provider.withdraw()
    server.hang_up()
    eventually(lambda: len(server.named("AUTHENTICATE")) == 3)
    server.add(mail(subject="second").as_bytes())
    endpoint.wait_for(2)
    assert subjects(endpoint) == ["first", "second"]
    assert len(provider.asked) == 2


def test_a_person_logs_the_mailbox_in_while_it_waits(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    relay.describe(oauth_refresh_token=None)
    inbox.drop([mail()])
    runpoller = relay.start()
    runpoller.wait_line("lacks oauth_refresh_token.*`manage.py mailboxlogin default` gets it")
    login = relay.start("mailboxlogin", "--device-url", provider.device_url)
    assert login.wait() == 0
    endpoint.wait_for(1, timeout=8)


def test_a_browser_on_this_machine_brings_the_answer_by_itself(
    relay: Relay, inbox: Mailbox, provider: Provider, endpoint: Endpoint
) -> None:
    relay.describe()
    login = relay.start("mailboxlogin", "--authorization-url", provider.authorization_url)
    address = login.wait_line(provider.authorization_url).text.strip()
    answer = requests.get(authorized(address, provider), timeout=5)
    assert "Thank you" in answer.text
    assert login.wait() == 0
    assert "The mailbox is open to us." in login.output
    assert decrypt(relay.document["oauth_refresh_token"]) == provider.refresh_token
