"""Requests to the provider that gives the tokens."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import requests
from django.conf import settings

from polling.errors import Kind
from polling.oauth.described import OAuth
from polling.oauth.token_answers import Grant, TokenTrouble, judge
from runtime.deadline import Deadline
from runtime.http import NETWORK_ERRORS
from webhooks.egress import EgressRefused, check_url
from webhooks.guarded_http import GuardedAdapter

ANSWER_BYTES = 64 * 1024
SECONDS = 20.0


def renew(oauth: OAuth, client_secret: str, refresh_token: str) -> Grant:
    """Raises TokenTrouble."""
    return ask_for_token(
        oauth.token_url,
        client_secret,
        grant_type="refresh_token",
        refresh_token=refresh_token,
        client_id=oauth.client_id,
        scope=oauth.scope,
    )


def ask_for_token(url: str, client_secret: str, **form: str) -> Grant:
    """A public client has the secret "". Raises TokenTrouble."""
    secret = {"client_secret": client_secret} if client_secret else {}
    status, body = post(url, {**form, **secret})
    return judge(status, body, host_of(url))


def host_of(url: str) -> str:
    """All that is said of an address."""
    return urlsplit(url).hostname or "the provider"


def post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body. Goes to no private network that is not allowed. Raises TokenTrouble."""
    with Deadline(SECONDS) as deadline:
        try:
            check_url(url, settings.EGRESS_ALLOWED_CIDRS)
            return _post(url, {name: value for name, value in form.items() if value}, deadline)
        except EgressRefused as exc:
            raise TokenTrouble(
                Kind.CONFIGURATION,
                f"the address of the token endpoint cannot be used: {exc}. "
                "Check oauth_token_url (EMAIL_OAUTH_TOKEN_URL)",
            ) from exc
        except requests.exceptions.SSLError as exc:
            sentence = f"there is no trusted TLS connection to {host_of(url)}"
            raise TokenTrouble(Kind.CONFIGURATION, sentence) from exc
        except (*NETWORK_ERRORS, ValueError) as exc:  # ValueError: a head that makes no sense
            late = deadline.expired or isinstance(exc, requests.Timeout)
            what = f"within {SECONDS:g} s" if late else f"({type(exc).__name__})"
            sentence = f"no answer from the token endpoint at {host_of(url)} {what}"
            raise TokenTrouble(Kind.TRANSIENT, sentence) from exc


def _post(url: str, form: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept-Encoding": "identity",
        "User-Agent": "render-signal",
        "Connection": "close",
    }
    with contextlib.closing(GuardedAdapter()) as adapter:
        response, body = adapter.post(
            url, urlencode(form).encode(), headers, deadline, ANSWER_BYTES
        )
        return response.status_code, body
