"""The tokens of a process, against a provider on loopback."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings

from configstore.secrets import encrypt
from polling.errors import Kind
from tests.polling.oauth.mailbox import Mailbox
from tests.servers.exchange import HANG, RESET, Answer, redirect
from tests.servers.provider import CLIENT_SECRET, SCOPE, Provider, answering, refusing

pytestmark = pytest.mark.usefixtures("no_tokens")


@pytest.fixture
def mailbox(provider: Provider) -> Mailbox:
    return Mailbox(provider)


def test_a_token_is_asked_for_once_and_as_the_standard_says(
    mailbox: Mailbox, provider: Provider
) -> None:
    first, second = mailbox.access(), mailbox.access()
    assert (first.text, first.is_new, second.is_new) == (second.text, True, False)
    assert provider.asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "r3fresh-0",
            "client_id": "relay-client",
            "client_secret": CLIENT_SECRET,
            "scope": SCOPE,
        }
    ]
    [request] = provider.endpoint.requests
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_public_client_sends_no_secret(provider: Provider) -> None:
    Mailbox(provider, oauth_client_secret=None).access()
    assert "client_secret" not in provider.asked[0]


def test_encrypted_secrets_are_read(provider: Provider) -> None:
    secrets: dict[str, Any] = {
        "oauth_client_secret": encrypt(CLIENT_SECRET),
        "oauth_refresh_token": encrypt(provider.refresh_token),
    }
    Mailbox(provider, **secrets).access()
    assert provider.asked[0]["client_secret"] == CLIENT_SECRET


@pytest.mark.parametrize("field", ["oauth_client_secret", "oauth_refresh_token"])
def test_a_secret_of_another_key_is_a_trouble_with_its_field(
    provider: Provider, settings: LazySettings, field: str
) -> None:
    settings.CONFIG_ENCRYPTION_KEYS = ["former"]
    sealed = encrypt("s3cret")
    settings.CONFIG_ENCRYPTION_KEYS = ["present"]
    trouble = Mailbox(provider, None, **{field: sealed}).trouble()
    assert trouble.kind is Kind.CONFIGURATION
    assert f"{field} of polling_config cannot be read" in str(trouble)


def test_threads_ask_once_between_them(mailbox: Mailbox, provider: Provider) -> None:
    account = mailbox.account
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: mailbox.access(account).text, range(32)))
    assert (len(found), len(provider.asked)) == (1, 1)


@pytest.mark.parametrize(("seconds", "after"), [(3600, 3300), (60, 30), (1, 5)])
def test_a_token_is_renewed_before_it_ends_and_not_all_the_time(
    mailbox: Mailbox, provider: Provider, seconds: float, after: float
) -> None:
    provider.seconds = seconds
    first = mailbox.access()
    assert first.ask_again_at == mailbox.now + after
    mailbox.now += after - 0.1
    assert mailbox.access().text == first.text
    mailbox.now += 0.1
    renewed = mailbox.access()
    assert (renewed.is_new, len(provider.asked)) == (True, 2)


@pytest.mark.parametrize("trouble", [answering(503), answering(429), RESET])
def test_while_the_provider_is_away_the_present_token_goes_on(
    mailbox: Mailbox, provider: Provider, trouble: Answer
) -> None:
    first = mailbox.access()
    mailbox.now += 3300
    provider.trouble = trouble
    for _ in range(20):
        again = mailbox.access()
        assert (again.text, again.is_new) == (first.text, False)
    assert mailbox.now < again.ask_again_at <= 1000 + 3600
    assert len(provider.asked) == 2
    mailbox.now += 300
    mailbox.trouble()
    provider.trouble = None
    assert mailbox.access().is_new


def test_a_grant_that_was_withdrawn_ends_the_present_token(
    mailbox: Mailbox, provider: Provider
) -> None:
    mailbox.access()
    mailbox.now += 3300
    provider.trouble = refusing("invalid_grant")
    assert mailbox.trouble().kind is Kind.AUTHENTICATION


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (answering(503), Kind.TRANSIENT),
        (RESET, Kind.TRANSIENT),
        (answering(429), Kind.LIMIT),
        (refusing("invalid_client", 401), Kind.CONFIGURATION),
        (redirect("https://login.example.com/token"), Kind.CONFIGURATION),
        (Answer(body=b"[" * 100_000), Kind.TRANSIENT),
        (Answer(body=b"<html>"), Kind.TRANSIENT),
    ],
)
def test_a_trouble_of_the_provider_is_one_of_the_mailbox(
    mailbox: Mailbox, provider: Provider, trouble: Answer, kind: Kind
) -> None:
    provider.trouble = trouble
    assert mailbox.trouble().kind is kind
    provider.trouble = None
    mailbox.access()


@pytest.mark.parametrize("slow", [HANG, Answer(drip_head=0.05), Answer(drip_body=0.05)])
def test_a_provider_that_drips_is_left_at_the_deadline(
    mailbox: Mailbox, provider: Provider, slow: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polling.oauth.token_endpoint.SECONDS", 0.4)
    provider.trouble = slow
    begun = time.monotonic()
    assert "no answer from the token endpoint at 127.0.0.1 within 0.4 s" in str(mailbox.trouble())
    assert time.monotonic() - begun < 3


def test_a_provider_on_a_private_network_needs_a_permission(
    mailbox: Mailbox, provider: Provider, settings: LazySettings
) -> None:
    settings.EGRESS_ALLOWED_CIDRS = []
    trouble = mailbox.trouble()
    assert trouble.kind is Kind.CONFIGURATION
    assert "EGRESS_ALLOWED_CIDRS" in str(trouble)
    assert provider.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    mailbox: Mailbox, provider: Provider
) -> None:
    mailbox.write(oauth_token_url=f"https://127.0.0.1:{provider.endpoint.tls_port}/token")
    assert "there is no trusted TLS connection to 127.0.0.1" in str(mailbox.trouble())
    assert provider.asked == []


def test_no_proxy_of_the_environment_hears_of_it(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    mailbox.access()
