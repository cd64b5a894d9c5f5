"""A single pass that cannot do anything fails, with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.polling.examples import mail
from tests.relay.documents import describe
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox


def test_without_a_mailbox_it_fails_and_says_what_to_set(make_runpoller: MakeRunpoller) -> None:
    once = make_runpoller("runpoller", "--once")
    assert once.wait() == 1
    assert "CommandError: No mailbox is set up: set IMAP_SERVER" in once.output


@pytest.mark.parametrize("described", [True, False])
def test_further_mailboxes_need_no_default_one(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    tmp_path: Path,
    described: bool,
) -> None:
    mailbox.append(mail())
    describe(tmp_path / "container", mailboxes=["sales"])
    if described:
        describe(tmp_path / "container", "sales", **mailbox.document())
    once = make_runpoller("runpoller", "--once", endpoint=endpoint)
    assert once.wait() == (0 if described else 1)
    assert len(endpoint.requests) == (1 if described else 0)
    assert ("Mailbox sales: It is not set up" in once.output) is not described


def test_on_a_database_that_is_not_migrated_it_fails(
    make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    once = make_runpoller("runpoller", "--once", DATABASE_URL=empty)
    assert once.wait() == 1
    assert "CommandError: Run `manage.py migrate` before: " in once.output
