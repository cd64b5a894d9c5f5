"""Mailboxes that are logged in to by a token."""

from __future__ import annotations

import base64
from typing import Any

from polling.accounts import Account
from polling.oauth.described import OAuth
from tests.servers.imap_session import Command, Hook
from tests.servers.imap_session import Session as ServerSession
from tests.servers.ports import HOST
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, SCOPE, Provider


def oauth_of(provider: Provider, **changes: Any) -> OAuth:
    described: dict[str, Any] = {
        "token_url": provider.token_url,
        "scope": SCOPE,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": provider.refresh_token,
        "grant": provider.refresh_token,
        "in_document": True,
    }
    return OAuth(**{**described, **changes})


def account_of(provider: Provider, port: int = 993, **changes: Any) -> Account:
    described: dict[str, Any] = {
        "name": "default",
        "host": HOST,
        "port": port,
        "security": "none",
        "auth": "oauth2",
        "user": provider.user,
        "password": "",
        "folder": "INBOX",
        "oauth": oauth_of(provider),
    }
    return Account(**{**described, **changes})


def demanding(provider: Provider, said: list[str]) -> Hook:
    """XOAUTH2 as Google does it: a refusal comes as a challenge, and the NO after the empty line
    that answers it. What the client says is added to the list."""

    def authenticate(session: ServerSession, command: Command) -> None:
        session.send("+ \r\n")
        said.append(base64.b64decode(session.read_line()).decode())
        token = said[-1].partition("auth=Bearer ")[2].rstrip("\1")
        if said[-1] == f"user={provider.user}\1auth=Bearer {token}\1\1" and provider.is_good(token):
            session.ok(command, f"[CAPABILITY {session.server.capabilities}] logged in")
            return
        details = b'{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}'
        session.send(b"+ " + base64.b64encode(details) + b"\r\n")
        said.append(session.read_line().decode())
        session.send(f"{command.tag} NO [AUTHENTICATIONFAILED] Invalid credentials {token}\r\n")

    return authenticate
