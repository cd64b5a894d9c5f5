"""A login in a browser, which is then sent to this machine with a code for us (RFC 8252)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from polling.errors import Kind
from polling.oauth.token_answers import CODE, Grant, TokenTrouble
from polling.oauth.token_endpoint import ask_for_token


class NotOurs(Exception):
    """An address that does not belong to this login; the message says why."""


@dataclass(frozen=True, kw_only=True)
class BrowserLogin:
    """One try. The verifier proves to the provider that whoever brings the code has begun the
    login (RFC 7636), the state proves to us that the code belongs to it."""

    client_id: str
    redirect_uri: str
    verifier: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(64))
    state: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))

    def address(self, url: str, scope: str, parameters: Mapping[str, str]) -> str:
        """Where the browser begins."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **parameters,
        }
        joint = "&" if urlsplit(url).query else "?"
        return url + joint + urlencode({name: value for name, value in asked.items() if value})

    def code(self, address: str) -> str:
        """The code in the address that the browser was sent to. Raises NotOurs, and TokenTrouble
        if the provider gives none."""
        try:
            query = dict(parse_qsl(urlsplit(address.strip()).query))
        except ValueError:
            raise NotOurs("that is no web address") from None
        if not hmac.compare_digest(query.get("state", "").encode(), self.state.encode()):
            raise NotOurs("that address does not belong to this login")
        if code := query.get("code"):
            return code
        error = query.get("error", "")
        shown = error if CODE.fullmatch(error) else "it says no reason"
        raise TokenTrouble(Kind.AUTHENTICATION, f"the provider gives no token ({shown})", error)

    def redeem(self, url: str, client_secret: str, code: str) -> Grant:
        """Raises TokenTrouble."""
        return ask_for_token(
            url,
            client_secret,
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.redirect_uri,
            client_id=self.client_id,
            code_verifier=self.verifier,
        )
