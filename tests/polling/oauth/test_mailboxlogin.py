"""The command that logs a mailbox in, with a person at the terminal or without one."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from configstore.backends.base import JSONObject
from configstore.declared import config_store
from configstore.models import Revision
from configstore.secrets import decrypt
from polling.oauth.tokens import tokens
from tests.polling.oauth.accounts import demanding
from tests.servers.fixtures import MakeImap
from tests.servers.imap_script import ScriptedImap
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider, authorized, refusing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tokens")]
FILE = "configstore.backends.file.FileBackend"


@pytest.fixture
def server(make_imap: MakeImap, provider: Provider) -> ScriptedImap:
    server = make_imap()
    server.capabilities = "IMAP4rev1 IDLE ID AUTH=XOAUTH2"
    server.on("AUTHENTICATE", demanding(provider, []))
    return server


@dataclass
class Person(io.StringIO):
    """Reads what is said, and types: to each piece of text that is said, its answer."""

    keyboard: int
    answers: dict[str, str | Callable[[str], str]] = field(default_factory=dict)
    said: str = ""

    def __hash__(self) -> int:
        return id(self)

    def write(self, text: str) -> int:
        self.said += text
        for expected in [key for key in self.answers if key in text]:
            answer = self.answers.pop(expected)
            line = answer if isinstance(answer, str) else answer(text)
            os.write(self.keyboard, line.encode() + b"\n")
        return len(text)


class Terminal:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._file = folder / "polling_config.json"
        reader, self.keyboard = os.pipe()
        self._stdin = os.fdopen(reader)
        monkeypatch.setattr("sys.stdin", self._stdin)
        self.said = ""

    def run(self, *arguments: str, **answers: str | Callable[[str], str]) -> str:
        """What is on standard output. Answers are by what is said, _ standing for a space."""
        expected = {said.replace("_", " "): answer for said, answer in answers.items()}
        person, out = Person(self.keyboard, expected), io.StringIO()
        try:
            call_command("mailboxlogin", *arguments, stdout=out, stderr=person)
        finally:
            self.said = person.said
        return out.getvalue()

    def refused(self, *arguments: str, **answers: str | Callable[[str], str]) -> str:
        with pytest.raises(CommandError) as caught:
            self.run(*arguments, **answers)
        told = self.said + str(caught.value)
        assert not [secret for secret in Provider.secrets() if secret in told]
        return str(caught.value)

    def describe(self, **fields: object) -> None:
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(fields))

    @property
    def document(self) -> JSONObject:
        stored: JSONObject = json.loads(self._file.read_text())
        return stored

    def nobody(self) -> None:
        os.close(self.keyboard)
        self.keyboard = -1

    def close(self) -> None:
        self._stdin.close()
        if self.keyboard >= 0:
            os.close(self.keyboard)


@pytest.fixture
def terminal(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    folder = tmp_path / "config"
    settings.CONFIG_STORE_DIR = folder
    settings.CONFIG_STORES = [{"BACKEND": FILE, "OPTIONS": {"directory": folder}}]
    config_store.cache_clear()
    monkeypatch.setattr("configstore.store.REFRESH_SECONDS", 0.0)
    terminal = Terminal(folder, monkeypatch)
    yield terminal
    terminal.close()
    config_store.cache_clear()


def options(provider: Provider, *, device: bool, secret: str = CLIENT_SECRET) -> list[str]:
    address = ("--device-url", provider.device_url) if device else (
        "--authorization-url", provider.authorization_url
    )  # fmt: skip
    return [
        *("--provider", "other", "--client-id", CLIENT_ID, "--client-secret", secret),
        *("--user", provider.user, "--token-url", provider.token_url, "--scope", SCOPE),
        *("--host", "127.0.0.1", *address),
    ]


def in_clear(server: ScriptedImap) -> JSONObject:
    return {"imap_port": server.port, "imap_security": "none"}


def test_with_a_device_code_everything_is_stored_and_tried(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server), unknown_field=1)
    terminal.nobody()
    provider.pending = [refusing("authorization_pending"), refusing("authorization_pending")]
    assert terminal.run(*options(provider, device=True)) == ""
    stored = terminal.document
    secrets = {
        name: decrypt(stored.pop(name)) for name in ("oauth_refresh_token", "oauth_client_secret")
    }
    assert secrets == {
        "oauth_refresh_token": provider.refresh_token,
        "oauth_client_secret": CLIENT_SECRET,
    }
    assert stored == in_clear(server) | {
        "imap_auth": "oauth2",
        "imap_host": "127.0.0.1",
        "imap_user": provider.user,
        "oauth_client_id": CLIENT_ID,
        "oauth_provider": "other",
        "oauth_scope": SCOPE,
        "oauth_token_url": provider.token_url,
        "unknown_field": 1,
    }
    assert "https://login.example.com/device" in terminal.said
    assert "Type this code there: ABCD-EFGH" in terminal.said
    assert "The mailbox is open to us." in terminal.said
    assert [form["grant_type"] for form in provider.asked] == 3 * [
        "urn:ietf:params:oauth:grant-type:device_code"
    ]
    [revision] = Revision.objects.all()
    assert (revision.document, revision.author) == ("polling_config", "manage.py mailboxlogin")
    assert not [secret for secret in provider.secrets() if secret in str(vars(revision))]


def test_slow_down_makes_it_slower(
    terminal: Terminal, provider: Provider, server: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polling.oauth.device_login.SLOWER_SECONDS", 0.2)
    terminal.describe(**in_clear(server))
    provider.pending = [refusing("slow_down"), refusing("slow_down")]
    terminal.run(*options(provider, device=True))
    times = [request.time for request in provider.endpoint.requests if request.path == "/token"]
    first, second = times[1] - times[0], times[2] - times[1]
    assert first >= 0.25
    assert second >= 0.45


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("access_denied", "There is no token: the person did not agree at the provider."),
        ("authorization_declined", "There is no token: the person did not agree at the provider."),
        ("expired_token", "There is no token: the code has expired: begin again."),
        ("invalid_client", "127.0.0.1 does not accept the client (invalid_client)"),
    ],
)
def test_where_the_person_does_not_agree_nothing_is_stored(
    terminal: Terminal, provider: Provider, error: str, sentence: str
) -> None:
    terminal.describe(imap_port=1)
    provider.pending = [refusing("authorization_pending"), refusing(error)]
    assert sentence in terminal.refused(*options(provider, device=True))
    assert terminal.document == {"imap_port": 1}


def test_the_address_that_a_browser_was_sent_to_may_be_pasted(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))

    def paste(said: str) -> str:
        address = authorized(said.strip(), provider)
        forged = re.sub(r"state=[^&]+", "state=forged", address)
        return f"what?\n{forged}\n\n{address}"

    terminal.run(*options(provider, device=False), **{provider.authorization_url: paste})
    assert decrypt(terminal.document["oauth_refresh_token"]) == provider.refresh_token
    assert terminal.said.count("does not belong to this login. Paste the whole address.") == 2
    [form] = provider.asked
    assert form["code"] == "c0de"
    assert form["redirect_uri"].startswith("http://127.0.0.1:")


def test_what_the_browser_is_asked_for(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    asked: list[str] = []

    def paste(said: str) -> str:
        asked.append(said.strip())
        return authorized(said.strip(), provider)

    terminal.run(*options(provider, device=False), **{provider.authorization_url: paste})
    for part in ("response_type=code", "code_challenge_method=S256", "login_hint=user%40relay"):
        assert part in asked[0]
    assert CLIENT_SECRET not in asked[0]


def test_a_refusal_in_the_browser_is_told(terminal: Terminal, provider: Provider) -> None:
    def paste(said: str) -> str:
        address = authorized(said.strip(), provider)
        return address.replace("code=c0de", "error=access_denied")

    told = terminal.refused(*options(provider, device=False), **{provider.authorization_url: paste})
    assert told == "There is no token: the provider gives no token (access_denied)."


def test_what_is_missing_is_asked_for_with_the_way_to_a_client_id(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    terminal.run(
        *("--device-url", provider.device_url, "--provider", "other"),
        Client_ID=CLIENT_ID,
        Client_secret=CLIENT_SECRET,
        Mail_address=provider.user,
        IMAP_server="127.0.0.1",
        Address_for_tokens=provider.token_url,
        Scope_that=SCOPE,
    )
    assert "The relay needs a client ID at your provider" in terminal.said
    assert terminal.document["oauth_client_id"] == CLIENT_ID
    assert decrypt(terminal.document["oauth_client_secret"]) == CLIENT_SECRET


def test_the_next_time_nothing_is_asked_for(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(
        **in_clear(server), **provider.document(imap_user=provider.user, imap_host="127.0.0.1")
    )
    terminal.nobody()
    terminal.run("--device-url", provider.device_url)
    assert decrypt(terminal.document["oauth_refresh_token"]) == provider.refresh_token


def test_later_leaves_a_first_mailbox_unread_and_another_as_it_is(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    terminal.nobody()
    terminal.run("--later", *options(provider, device=True))
    assert terminal.document["enable_polling"] is False
    read = {name: value for name, value in terminal.document.items() if name != "enable_polling"}
    terminal.describe(**read)
    terminal.run("--later", *options(provider, device=True))
    assert "enable_polling" not in terminal.document


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ([], "--provider"),
        (["--provider", "google"], "--client-id"),
        (["--provider", "google", "--client-id", "c"], "--client-secret"),
        (["--provider", "google", "--client-id", "c", "--client-secret", "s"], "--user"),
        (["--provider", "microsoft", "--client-id", "c"], "--user"),
        (["--provider", "other", "--client-id", "c", "--user", "u"], "--host"),
        (
            ["--provider", "other", "--client-id", "c", "--user", "u", "--host", "h"],
            "--token-url",
        ),
    ],
)
def test_where_nobody_answers_the_missing_option_is_named(
    terminal: Terminal, arguments: list[str], option: str
) -> None:
    terminal.nobody()
    assert terminal.refused(*arguments) == f"Nobody answers: use {option}."


def test_to_print_is_not_to_store(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    printed = terminal.run("--print", *options(provider, device=True))
    assert printed == f"{provider.refresh_token}\n"
    assert terminal.document == in_clear(server)
    assert "Set EMAIL_OAUTH_REFRESH_TOKEN to this token" in terminal.said
    assert "EMAIL_OAUTH_CLIENT_ID" in terminal.said
    assert CLIENT_SECRET not in terminal.said
    assert "The mailbox is open to us." in terminal.said


def test_to_print_while_a_former_token_is_in_the_environment_tries_the_new_one(
    terminal: Terminal, provider: Provider, server: ScriptedImap, settings: LazySettings
) -> None:
    settings.EMAIL_OAUTH_REFRESH_TOKEN = "former"
    terminal.describe(**in_clear(server))
    told = terminal.refused(*options(provider, device=True))
    assert told.startswith("EMAIL_OAUTH_REFRESH_TOKEN is set in the environment, which wins")
    terminal.run("--print", *options(provider, device=True))
    assert "The mailbox is open to us." in terminal.said


def test_a_mailbox_that_does_not_open_with_it_is_told(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    provider.seconds = -1
    told = terminal.refused(*options(provider, device=True))
    assert told.startswith("The token is there, but the mailbox does not open. IMAP login failed: ")
    assert "oauth_refresh_token" in terminal.document


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sales"], "There is no mailbox sales. There are: default."),
        (
            ["--tenant", "a/b", "--provider", "microsoft", "--client-id", "c", "--user", "u"],
            "oauth_tenant: write common",
        ),
        (["--provider", "yahoo"], "invalid choice"),
    ],
)
def test_a_slip_is_told(terminal: Terminal, arguments: list[str], sentence: str) -> None:
    assert sentence in terminal.refused(*arguments)


def test_another_provider_hears_nothing_of_the_former(terminal: Terminal) -> None:
    terminal.describe(
        oauth_provider="microsoft", oauth_client_id="m", oauth_client_secret="s3cret",
        oauth_tenant="t.example", imap_host="outlook.office365.com", imap_user="u",
    )  # fmt: skip
    terminal.nobody()
    assert terminal.refused("--provider", "google") == "Nobody answers: use --client-id."


def test_a_token_that_was_just_got_is_not_asked_for_again(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    terminal.run(*options(provider, device=True))
    assert len(provider.asked) == 1
    tokens.cache_clear()
