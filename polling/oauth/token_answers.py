"""What the answers of a token endpoint mean (RFC 6749, 5)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from configstore.backends.base import DocumentCorrupt, JSONObject
from configstore.backends.json_text import decode
from polling.errors import Kind

# What may stand in a header or between control characters, and nothing else.
TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
MICROSOFT_CODE = re.compile(r"AADSTS[0-9]{4,10}")
USUAL_SECONDS = 3600.0
LONGEST_SECONDS = 86400.0

REVOKED = {"invalid_grant", "interaction_required", "consent_required", "login_required"}
WRONG_CLIENT = {"invalid_client", "unauthorized_client", "deleted_client"}
PASSING = {"temporarily_unavailable", "server_error"}


class TokenTrouble(Exception):
    """There is no token. error is the code of RFC 6749 or RFC 8628, "" where none was given; the
    message continues "login failed: " and holds nothing that the other side may have repeated."""

    def __init__(self, kind: Kind, sentence: str, error: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Grant:
    """seconds is how long the access token lives. refresh_token "": the former one stays."""

    access_token: str = field(repr=False)
    seconds: float
    refresh_token: str = field(default="", repr=False)


def judge(status: int, body: bytes, host: str) -> Grant:
    """Raises TokenTrouble."""
    answer = fields_of(body)
    if status != 200 or text_of(answer, "error"):
        raise _refusal(status, answer, host)
    token = text_of(answer, "access_token")
    if not TOKEN.fullmatch(token):
        raise TokenTrouble(Kind.TRANSIENT, f"{host} answers without an access token")
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenTrouble(Kind.CONFIGURATION, f"{host} gives tokens that are no Bearer tokens")
    fresh = text_of(answer, "refresh_token")
    return Grant(
        access_token=token,
        seconds=seconds_of(answer, "expires_in", USUAL_SECONDS),
        refresh_token=fresh if TOKEN.fullmatch(fresh) else "",
    )


def fields_of(body: bytes) -> JSONObject:
    """None where it is no JSON object."""
    try:
        return decode(body, "the answer")
    except DocumentCorrupt:
        return {}


def text_of(answer: JSONObject, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def seconds_of(answer: JSONObject, name: str, usual: float) -> float:
    """A number of seconds above 0 and up to a day. Some write it as text."""
    value: Any = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return usual
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return usual
    return min(seconds, LONGEST_SECONDS) if seconds > 0 and not math.isnan(seconds) else usual


def _refusal(status: int, answer: JSONObject, host: str) -> TokenTrouble:
    error = text_of(answer, "error")
    error = error if CODE.fullmatch(error) else ""
    found = MICROSOFT_CODE.search(text_of(answer, "error_description"))
    codes = ", ".join(code for code in (error or f"HTTP {status}", found and found[0]) if code)
    kind, sentence = _meaning(status, error)
    return TokenTrouble(kind, sentence.format(host=host, codes=codes), error)


def _meaning(status: int, error: str) -> tuple[Kind, str]:
    if status == 429 or error == "slow_down":
        return Kind.LIMIT, "{host} has had enough requests ({codes})"
    if status >= 500 or status == 408 or error in PASSING:
        return Kind.TRANSIENT, "{host} gives no token at the moment ({codes})"
    if error in REVOKED:
        return Kind.AUTHENTICATION, "{host} does not accept the refresh token any more ({codes})"
    if error in WRONG_CLIENT:
        return Kind.CONFIGURATION, (
            "{host} does not accept the client ({codes}). Check oauth_client_id and "
            "oauth_client_secret (EMAIL_OAUTH_CLIENT_ID and EMAIL_OAUTH_CLIENT_SECRET)."
        )
    if error:
        return Kind.CONFIGURATION, (
            "{host} does not accept the request ({codes}). Check oauth_provider, oauth_tenant and "
            "oauth_scope (EMAIL_OAUTH_PROVIDER, EMAIL_OAUTH_TENANT and EMAIL_OAUTH_SCOPE)."
        )
    return Kind.CONFIGURATION, (
        "{host} does not answer as a token endpoint does ({codes}). Check oauth_token_url and "
        "oauth_tenant (EMAIL_OAUTH_TOKEN_URL and EMAIL_OAUTH_TENANT)."
    )
