"""What the command asks a person, and what it does where nobody answers."""

from __future__ import annotations

import pytest

from configstore.secrets import decrypt
from tests.polling.oauth.terminal import Terminal, in_clear
from tests.servers.imap_script import ScriptedImap
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tokens")]


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
