"""A mailbox on this machine, as it is described."""

from __future__ import annotations

from typing import Any

from polling.accounts import Account
from tests.servers.ports import HOST


def account(port: int, **changes: Any) -> Account:
    described: dict[str, Any] = {
        "name": "default",
        "host": HOST,
        "port": port,
        "security": "none",
        "auth": "auto",
        "user": "user@relay.example",
        "password": "the-password",
        "folder": "INBOX",
    }
    return Account(**{**described, **changes})
