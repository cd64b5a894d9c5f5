"""The disk of a container, and two mailboxes described on it."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.relay.documents import describe
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The disk of the container."""
    return tmp_path / "container"


@pytest.fixture
def sales(mailbox: Mailbox, dovecot: Dovecot) -> Mailbox:
    return Mailbox(dovecot, f"sales-{secrets.token_hex(6)}@mail.invalid")


@pytest.fixture
def both(folder: Path, mailbox: Mailbox, sales: Mailbox) -> None:
    """Documents of two mailboxes: the default one and sales."""
    describe(folder, **mailbox.document(mailboxes=["sales"]))
    describe(folder, "sales", **sales.document())
