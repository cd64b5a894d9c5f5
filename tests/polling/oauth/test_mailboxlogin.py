"""The command that logs a mailbox in, with a person at the terminal or without one."""

from __future__ import annotations

import re

import pytest
from django.conf import LazySettings

from configstore.models import Revision
from configstore.secrets import decrypt
from polling.oauth.tokens import tokens
from tests.polling.oauth.terminal import Terminal, in_clear, options
from tests.servers.imap_script import ScriptedImap
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider, authorized, refusing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tokens")]


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


def test_a_token_that_was_just_got_is_not_asked_for_again(
    terminal: Terminal, provider: Provider, server: ScriptedImap
) -> None:
    terminal.describe(**in_clear(server))
    terminal.run(*options(provider, device=True))
    assert len(provider.asked) == 1
    tokens.cache_clear()
