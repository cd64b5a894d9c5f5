"""Checked by the reference implementation of Standard Webhooks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from configstore.signing_secrets import derive_secret
from tests.webhooks.examples import OLD_SECRET, SECRET
from webhooks.signing import BadSecret, decode_secret, sign

BODY = '{"subject":"Lot nº 12 🚚"}'
NOW = 1_790_000_000
some_text = st.text(st.characters(codec="utf-8"))


@pytest.fixture(autouse=True, scope="module")
def now() -> Iterator[None]:
    """The reference implementation compares with the clock."""
    with time_machine.travel(NOW, tick=False):
        yield


def headers(signature: str, name: str = "msg_1", timestamp: int = NOW) -> dict[str, str]:
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(b"\xfe" * size).decode()


def test_the_reference_implementation_accepts_it() -> None:
    signature = sign([SECRET], "msg_1", NOW, BODY.encode())
    assert Webhook(SECRET).verify(BODY, headers(signature)) == {"subject": "Lot nº 12 🚚"}


@given(st.binary(min_size=24, max_size=64), st.from_regex(r"\Amsg_[0-9a-f]{32}\Z"), some_text)
def test_the_reference_implementation_accepts_any_text(key: bytes, name: str, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    signature = sign([secret], name, NOW, body.encode())
    Webhook(secret).verify(body, headers(signature, name), json_parse=False)


@pytest.mark.parametrize(
    "changed", [{"name": "msg_2"}, {"timestamp": NOW - 1}, {"signature": "v1,AAAA"}]
)
def test_a_change_of_anything_breaks_it(changed: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"signature": sign([SECRET], "msg_1", NOW, BODY.encode())} | changed
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers(**fields))


def test_a_change_of_the_body_breaks_it() -> None:
    signature = sign([SECRET], "msg_1", NOW, BODY.encode())
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY + " ", headers(signature))


@pytest.mark.parametrize("known", [SECRET, OLD_SECRET])
def test_while_secrets_rotate_both_receivers_accept_it(known: str) -> None:
    signature = sign([SECRET, OLD_SECRET], "msg_1", NOW, BODY.encode())
    assert len(signature.split(" ")) == 2
    Webhook(known).verify(BODY, headers(signature))


def test_a_secret_that_was_taken_out_is_not_accepted_any_more() -> None:
    signature = sign([SECRET], "msg_1", NOW, BODY.encode())
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(BODY, headers(signature))


def test_a_derived_secret_is_the_same_for_ever() -> None:
    assert derive_secret("m", "default") == derive_secret("m", "default")
    assert len(decode_secret(derive_secret("m", "default"))) == 32


def test_derived_secrets_differ_by_master_and_by_endpoint() -> None:
    pairs = [("m", "default"), ("n", "default"), ("m", "other")]
    assert len({derive_secret(*pair) for pair in pairs}) == 3


@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_holds_24_to_64_bytes(size: int) -> None:
    assert decode_secret(secret_of(size)) == b"\xfe" * size


def test_a_secret_is_accepted_without_its_prefix() -> None:
    assert decode_secret(SECRET.removeprefix("whsec_")) == decode_secret(SECRET)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        secret_of(23),
        secret_of(65),
        "whsec_not base64 at all, but long enough",
        SECRET[:-1],
        SECRET + "\n",
        "whsec_" + "é" * 32,
        "whsk_" + "A" * 44,
    ],
)
def test_a_bad_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(BadSecret) as refused:
        decode_secret(secret)
    assert not secret[8:] or secret[8:] not in str(refused.value)
