from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.oauth.device_login import begin, device_code, wait_for_grant
from polling.oauth.token_answers import TokenTrouble
from tests.servers.exchange import RESET
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider, answering, refusing

pytestmark = pytest.mark.usefixtures("no_tokens")
GOOD = {
    "device_code": "d",
    "user_code": "ABCD",
    "verification_uri": "https://login.example.com/device",
}


def test_what_the_person_needs_is_read(provider: Provider) -> None:
    device = begin(provider.device_url, CLIENT_ID, SCOPE)
    assert (device.user_code, device.address) == ("ABCD-EFGH", "https://login.example.com/device")
    assert (device.seconds, device.interval) == (60, 0.05)
    assert "dev1ce" not in repr(device)
    assert provider.endpoint.requests[0].form == {"client_id": [CLIENT_ID], "scope": [SCOPE]}


@pytest.mark.parametrize(
    "fields",
    [
        {"device_code": ""},
        {"user_code": "\x1b[2J"},
        {"user_code": None},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "http://login.example.com/"},
        {"verification_uri": "https://a\x1b[2J"},
    ],
)
def test_what_cannot_be_shown_is_refused(provider: Provider, fields: dict[str, object]) -> None:
    provider.endpoint.answer(answering(**GOOD | fields))
    with pytest.raises(TokenTrouble, match="gives no code to type on another device"):
        begin(provider.device_url, CLIENT_ID, SCOPE)


@given(st.dictionaries(st.sampled_from([*GOOD, "interval", "expires_in"]), st.text() | st.floats()))
def test_whatever_is_answered_is_a_code_or_a_trouble(answer: dict[str, object]) -> None:
    try:
        device = device_code(json.dumps(GOOD | answer).encode(), "login.example.com")
    except TokenTrouble as exc:
        assert str(exc).isprintable()
    else:
        assert device.user_code.isprintable()
        assert device.address.startswith("https://")
        assert device.interval > 0


def test_a_provider_that_knows_no_device_codes_is_told(provider: Provider) -> None:
    provider.endpoint.answer(refusing("unauthorized_client"))
    with pytest.raises(TokenTrouble, match="does not accept the client"):
        begin(provider.device_url, CLIENT_ID, SCOPE)


def test_a_provider_that_is_away_for_a_moment_is_asked_half_as_often(provider: Provider) -> None:
    device = begin(provider.device_url, CLIENT_ID, SCOPE)
    provider.pending = [answering(503), RESET, refusing("authorization_pending")]
    slept: list[float] = []
    grant = wait_for_grant(provider.token_url, CLIENT_ID, CLIENT_SECRET, device, sleep=slept.append)
    assert grant.refresh_token == provider.refresh_token
    assert slept == [0.05, 0.1, 0.2, 0.2]


def test_a_code_that_is_over_is_not_asked_for_any_more(provider: Provider) -> None:
    provider.endpoint.answer(answering(**GOOD, expires_in=0.1, interval=0.06))
    device = begin(provider.device_url, CLIENT_ID, SCOPE)
    provider.endpoint.answer(refusing("authorization_pending"))
    with pytest.raises(TokenTrouble, match="the code has expired"):
        wait_for_grant(provider.token_url, CLIENT_ID, CLIENT_SECRET, device)
