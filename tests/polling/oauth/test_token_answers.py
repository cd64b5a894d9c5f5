from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.errors import Kind
from polling.oauth.token_answers import (
    LONGEST_SECONDS,
    TOKEN,
    USUAL_SECONDS,
    Grant,
    TokenTrouble,
    judge,
)

HOST = "login.example.com"
NAMES = ("access_token", "token_type", "expires_in", "refresh_token", "error", "error_description")
plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["bearer", "tok3n", "3600", "invalid_grant", "nan", "AADSTS70008: s3cret"])
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
objects = st.dictionaries(st.sampled_from(NAMES) | st.text(), values)
bodies = (objects | values).map(lambda value: json.dumps(value).encode()) | st.binary()


def granted(**fields: Any) -> Grant:
    return judge(200, json.dumps({"access_token": "tok3n", **fields}).encode(), HOST)


def refused(status: int, **fields: Any) -> TokenTrouble:
    with pytest.raises(TokenTrouble) as caught:
        judge(status, json.dumps(fields).encode() if fields else b"<html>", HOST)
    return caught.value


@given(st.sampled_from([200, 400, 401, 429, 503]) | st.integers(100, 599), bodies)
def test_whatever_is_answered_is_a_usable_grant_or_a_trouble(status: int, body: bytes) -> None:
    try:
        grant = judge(status, body, HOST)
    except TokenTrouble as exc:
        assert str(exc).isprintable()
        assert "s3cret" not in str(exc)
        assert HOST in str(exc)
        return
    assert status == 200
    assert TOKEN.fullmatch(grant.access_token)
    assert 0 < grant.seconds <= LONGEST_SECONDS
    assert not grant.refresh_token or TOKEN.fullmatch(grant.refresh_token)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (1800, 1800),
        ("1800", 1800),
        (1800.5, 1800.5),
        (10**400, USUAL_SECONDS),
        ("inf", LONGEST_SECONDS),
        (0, USUAL_SECONDS),
        (-5, USUAL_SECONDS),
        ("nan", USUAL_SECONDS),
        (True, USUAL_SECONDS),
        (None, USUAL_SECONDS),
        ([60], USUAL_SECONDS),
        (10**9, LONGEST_SECONDS),
    ],
)
def test_the_life_of_a_token_is_a_sensible_number(said: object, seconds: float) -> None:
    assert granted(expires_in=said).seconds == seconds


def test_a_new_refresh_token_is_seen_and_none_is_no_fault() -> None:
    assert granted(refresh_token="n3w").refresh_token == "n3w"
    assert granted().refresh_token == granted(refresh_token="a\r\nb").refresh_token == ""


@pytest.mark.parametrize("token", ["", "a b", "a\1b", "é", None, 5])
def test_what_cannot_be_sent_as_a_token_is_none(token: object) -> None:
    assert refused(200, access_token=token).kind is Kind.TRANSIENT


def test_a_token_of_another_type_is_of_no_use() -> None:
    assert refused(200, access_token="t", token_type="mac").kind is Kind.CONFIGURATION


@pytest.mark.parametrize(
    ("status", "error", "kind", "words"),
    [
        (400, "invalid_grant", Kind.AUTHENTICATION, "does not accept the refresh token any more"),
        (400, "interaction_required", Kind.AUTHENTICATION, "any more (interaction_required)"),
        (200, "invalid_grant", Kind.AUTHENTICATION, "any more (invalid_grant)"),
        (401, "invalid_client", Kind.CONFIGURATION, "Check oauth_client_id and oauth_client_sec"),
        (400, "invalid_scope", Kind.CONFIGURATION, "oauth_scope (EMAIL_OAUTH_PROVIDER"),
        (400, "slow_down", Kind.LIMIT, "has had enough requests (slow_down)"),
        (429, "", Kind.LIMIT, "has had enough requests (HTTP 429)"),
        (503, "", Kind.TRANSIENT, "gives no token at the moment (HTTP 503)"),
        (400, "temporarily_unavailable", Kind.TRANSIENT, "at the moment"),
        (404, "", Kind.CONFIGURATION, "(HTTP 404). Check oauth_token_url"),
        (302, "", Kind.CONFIGURATION, "(HTTP 302). Check oauth_token_url"),
        (400, "not a code\n", Kind.CONFIGURATION, "(HTTP 400)"),
    ],
)
def test_a_refusal_says_what_is_to_be_done(status: int, error: str, kind: Kind, words: str) -> None:
    trouble = refused(status, **({"error": error} if error else {}))
    assert trouble.kind is kind
    assert words in str(trouble)


def test_of_the_words_of_microsoft_only_the_number_is_shown() -> None:
    words = "AADSTS700082: The refresh token 0.AXs3cret has expired. Trace ID: 1"
    trouble = refused(400, error="invalid_grant", error_description=words)
    assert "(invalid_grant, AADSTS700082)" in str(trouble)
    assert "s3cret" not in str(trouble)


def test_a_grant_is_not_shown() -> None:
    assert "s3cret" not in repr(granted(access_token="s3cret", refresh_token="s3cret"))
