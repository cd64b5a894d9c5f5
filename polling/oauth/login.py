"""How a person logs a mailbox in by OAuth2, step by step."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from polling.errors import Kind
from polling.oauth.browser_login import BrowserLogin, NotOurs
from polling.oauth.conversation import Conversation
from polling.oauth.device_login import begin, wait_for_grant
from polling.oauth.redirects import Redirects
from polling.oauth.token_answers import Grant, TokenTrouble

PATIENCE_SECONDS = 900.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Client:
    """As what the relay is known to the provider, and where that is spoken to. Without a
    device_url a browser is needed."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str
    token_url: str
    authorization_url: str
    device_url: str
    parameters: Mapping[str, str]


def obtain(client: Client, user: str, port: int, person: Conversation) -> Grant:
    """What the person agrees to. It holds a refresh token. Raises TokenTrouble."""
    grant = (
        _by_device(client, person) if client.device_url else _by_browser(client, user, port, person)
    )
    if not grant.refresh_token:
        raise TokenTrouble(
            Kind.CONFIGURATION,
            "the provider gives no refresh token. Many want offline_access in --scope",
        )
    return grant


def _by_device(client: Client, person: Conversation) -> Grant:
    device = begin(client.device_url, client.client_id, client.scope)
    person.say("Open this page in any browser, on any device, and log in as the mailbox:")
    person.say(f"\n    {device.address}\n")
    person.say(f"Type this code there: {device.user_code}")
    person.say(f"It is good for {device.seconds / 60:.0f} minutes. Waiting …")
    return wait_for_grant(client.token_url, client.client_id, client.client_secret, device)


def _by_browser(client: Client, user: str, port: int, person: Conversation) -> Grant:
    try:
        redirects = Redirects(port)
    except OSError as exc:
        sentence = f"port {port} of this machine cannot be used ({exc.strerror}): give another"
        raise TokenTrouble(Kind.CONFIGURATION, sentence) from exc
    with redirects:
        login = BrowserLogin(client_id=client.client_id, redirect_uri=redirects.uri)
        asked = {"login_hint": user, **client.parameters}
        person.say("Open this address in a browser and log in as the mailbox:")
        person.say(f"\n    {login.address(client.authorization_url, client.scope, asked)}\n")
        person.say(
            "If the browser runs on another machine, it ends on a page that cannot be shown: copy "
            f"the address of that page, which begins with {redirects.uri}, paste it here and press "
            "Enter. Waiting …"
        )
        code = _code(login, redirects, person)
        return login.redeem(client.token_url, client.client_secret, code)


def _code(login: BrowserLogin, redirects: Redirects, person: Conversation) -> str:
    """Whatever comes first: the browser, or the address that was pasted."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with contextlib.suppress(queue.Empty, NotOurs):
            # Anybody may call on that port, so what is not ours is passed over.
            return login.code(redirects.brought.get_nowait())
        if person.is_over:
            time.sleep(LOOK_SECONDS)
        elif pasted := (person.line(LOOK_SECONDS) or "").strip():
            try:
                return login.code(pasted)
            except NotOurs as exc:
                person.say(f"Not understood: {exc}. Paste the whole address.")
    raise TokenTrouble(Kind.AUTHENTICATION, "nobody has logged in for a while")
