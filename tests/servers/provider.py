"""An OAuth2 provider of mailboxes: it gives tokens, and tells a mail server which are good."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer, Request

CLIENT_ID = "relay-client"
CLIENT_SECRET = "cl1ent-s3cret"
SCOPE = "mail.read offline_access"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def answering(status: int = 200, /, **fields: object) -> Answer:
    return Answer(status=status, body=json.dumps(fields).encode())


def refusing(error: str, status: int = 400) -> Answer:
    return answering(status, error=error, error_description="s3cret words of the provider")


class Provider:
    """Tokens are for the mailbox of `user`. `trouble`, while it is set, is the answer to whoever
    wants a token; `rotates` replaces the refresh token each time, as some providers do."""

    def __init__(self, certificates: Certificates) -> None:
        self.user = "user@relay.example"
        self.seconds = 3600.0
        self.rotates = False
        self.trouble: Answer | None = None
        self.refresh_token = "r3fresh-0"
        self.pending: list[Answer] = []
        self.code_challenge = ""
        self.introspected: list[str] = []
        self._ends: dict[str, float] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self.endpoint = Endpoint(certificates)
        self.endpoint.answer(self._answer)
        base = f"http://127.0.0.1:{self.endpoint.port}"
        self.token_url = f"{base}/token"
        self.device_url = f"{base}/device"
        self.authorization_url = f"{base}/authorize"
        self.introspection_url = f"{base}/introspect"

    def document(self, **fields: object) -> dict[str, object]:
        """Fields of polling_config that belong to it."""
        return {
            "imap_password": None,
            "oauth_provider": "other",
            "oauth_client_id": CLIENT_ID,
            "oauth_client_secret": CLIENT_SECRET,
            "oauth_refresh_token": self.refresh_token,
            "oauth_token_url": self.token_url,
            "oauth_scope": SCOPE,
            **fields,
        }

    @property
    def asked(self) -> list[dict[str, str]]:
        """The forms by which tokens were wanted."""
        return [
            {name: values[0] for name, values in request.form.items()}
            for request in self.endpoint.requests
            if request.path == "/token"
        ]

    @property
    def access_token(self) -> str:
        """The newest."""
        with self._lock:
            return next(reversed(self._ends), "")

    def is_good(self, token: str) -> bool:
        with self._lock:
            return time.monotonic() < self._ends.get(token, 0.0)

    def withdraw(self) -> None:
        """No access token is good any more; the refresh token is."""
        with self._lock:
            self._ends = dict.fromkeys(self._ends, 0.0)

    @staticmethod
    def secrets() -> set[str]:
        """What all that is given begins with."""
        return {CLIENT_SECRET, "r3fresh-", "acc3ss-", "dev1ce-s3cret", "s3cret words"}

    def close(self) -> None:
        self.endpoint.close()

    def _answer(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        form = {name: values[0] for name, values in request.form.items()}
        if path == "/introspect":
            return self._introspect(form["token"])
        if path == "/device":
            return answering(
                device_code="dev1ce-s3cret", user_code="ABCD-EFGH", interval=0.05, expires_in=60,
                verification_uri="https://login.example.com/device",
            )  # fmt: skip
        return self._token(form)

    def _introspect(self, token: str) -> Answer:
        self.introspected.append(token)
        return answering(active=self.is_good(token), username=self.user)

    def _token(self, form: dict[str, str]) -> Answer:
        if self.trouble is not None:
            return self.trouble
        if form.get("client_id") != CLIENT_ID:
            return refusing("invalid_client", 401)
        kind = form["grant_type"]
        if kind == "refresh_token" and form["refresh_token"] != self.refresh_token:
            return refusing("invalid_grant")
        if kind == "authorization_code" and not self._knows(form["code_verifier"]):
            return refusing("invalid_grant")
        if kind == DEVICE_GRANT and self.pending:
            return self.pending.pop(0)
        return self._give(rotated=self.rotates or kind != "refresh_token")

    def _knows(self, verifier: str) -> bool:
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.code_challenge

    def _give(self, rotated: bool) -> Answer:
        number = next(self._numbers)
        token = f"acc3ss-{number}"
        with self._lock:
            self._ends[token] = time.monotonic() + self.seconds
        fields: dict[str, Any] = {"access_token": token, "expires_in": self.seconds}
        if rotated:
            self.refresh_token = f"r3fresh-{number}"
            fields["refresh_token"] = self.refresh_token
        return answering(token_type="Bearer", **fields)


def authorized(url: str, provider: Provider) -> str:
    """Where a browser is sent once its person has agreed."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    provider.code_challenge = asked["code_challenge"]
    return f"{asked['redirect_uri']}?code=c0de&state={asked['state']}"


@pytest.fixture
def provider(certificates: Certificates) -> Iterator[Provider]:
    provider = Provider(certificates)
    yield provider
    provider.close()
