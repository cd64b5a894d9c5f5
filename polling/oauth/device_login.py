"""A login on another device: the person types a code there (RFC 8628)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from polling.errors import Kind
from polling.oauth.token_answers import (
    TOKEN,
    Grant,
    TokenTrouble,
    fields_of,
    judge,
    seconds_of,
    text_of,
)
from polling.oauth.token_endpoint import ask_for_token, host_of, post

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
USUAL_SECONDS = 900.0
USUAL_INTERVAL = 5.0
SLOWER_SECONDS = 5.0
USER_CODE = re.compile(r"[A-Za-z0-9 -]{1,40}")
DENIED = {"access_denied", "authorization_declined"}


@dataclass(frozen=True, kw_only=True)
class DeviceCode:
    """What the person types at which address, and for how long."""

    code: str = field(repr=False)
    user_code: str
    address: str
    seconds: float
    interval: float


def begin(url: str, client_id: str, scope: str) -> DeviceCode:
    """Raises TokenTrouble."""
    status, body = post(url, {"client_id": client_id, "scope": scope})
    if status != 200:
        judge(status, body, host_of(url))
    return device_code(body, host_of(url))


def device_code(body: bytes, host: str) -> DeviceCode:
    """Raises TokenTrouble for an answer that cannot be shown to a person."""
    answer = fields_of(body)
    # Google and some others write verification_url.
    address = text_of(answer, "verification_uri") or text_of(answer, "verification_url")
    code, user_code = text_of(answer, "device_code"), text_of(answer, "user_code")
    usable = TOKEN.fullmatch(code) and USER_CODE.fullmatch(user_code)
    if not usable or not TOKEN.fullmatch(address) or urlsplit(address).scheme != "https":
        raise TokenTrouble(Kind.CONFIGURATION, f"{host} gives no code to type on another device")
    return DeviceCode(
        code=code,
        user_code=user_code,
        address=address,
        seconds=seconds_of(answer, "expires_in", USUAL_SECONDS),
        interval=seconds_of(answer, "interval", USUAL_INTERVAL),
    )


def wait_for_grant(
    url: str,
    client_id: str,
    client_secret: str,
    device: DeviceCode,
    sleep: Callable[[float], None] = time.sleep,
) -> Grant:
    """Ask until the person has agreed, as often as the provider likes it. Raises TokenTrouble."""
    ends, interval = time.monotonic() + device.seconds, device.interval
    while time.monotonic() < ends:
        sleep(interval)
        try:
            return ask_for_token(
                url,
                client_secret,
                grant_type=GRANT_TYPE,
                device_code=device.code,
                client_id=client_id,
            )
        except TokenTrouble as exc:
            if exc.error in DENIED:
                sentence = "the person did not agree at the provider"
                raise TokenTrouble(Kind.AUTHENTICATION, sentence, exc.error) from exc
            if exc.error == "expired_token":
                break
            if exc.error == "slow_down":
                interval += SLOWER_SECONDS
            elif exc.kind is Kind.TRANSIENT:
                interval *= 2
            elif exc.error != "authorization_pending":
                raise
    raise TokenTrouble(Kind.AUTHENTICATION, "the code has expired: begin again", "expired_token")
