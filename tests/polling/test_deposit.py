"""A test mail in a real mailbox."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from polling.deposit import deposit, listed_sender
from polling.errors import MailboxTrouble
from tests.polling.fake_mailbox import ACCOUNT
from tests.servers.mailbox import Mailbox

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("senders", "sender"),
    [
        ([], ACCOUNT.user),
        (["ada@studio.example", "b@shop.example"], "ada@studio.example"),
        (["studio.example"], "test@studio.example"),
        (["@studio.example"], "test@studio.example"),
    ],
)
def test_it_is_from_somebody_whose_mails_are_relayed(senders: list[str], sender: str) -> None:
    config = PollingConfig.model_validate({"sender_of_interest_for_polling": senders})
    assert listed_sender(config, ACCOUNT) == sender


@pytest.fixture
def store(settings: LazySettings, mailbox: Mailbox) -> Iterator[ConfigStore]:
    for name, value in mailbox.environment().items():
        setattr(settings, name, value)
    settings.IMAP_PORT, settings.IMAP_USE_SSL = mailbox.port, False
    config_store.cache_clear()
    yield config_store()
    config_store.cache_clear()


def test_it_lies_there_unread(store: ConfigStore, mailbox: Mailbox) -> None:
    assert deposit(store, "render_signal: test", "Voilà", NOW) == mailbox.user
    assert mailbox.uids("UNSEEN") == [1]
    with mailbox.client() as client:
        client.select_folder("INBOX", readonly=True)
        row = client.fetch([1], ["BODY.PEEK[]", "FLAGS"])[1]
    raw = row[b"BODY[]"]
    # Nobody else had the folder open when it came, which some servers do not announce then.
    assert rb"\Recent" in row[b"FLAGS"]
    found = email.message_from_bytes(raw)
    assert (found["Subject"], found["From"]) == ("render_signal: test", mailbox.user)
    assert b"Voil" in raw


def test_a_mailbox_that_does_not_open_is_told(
    store: ConfigStore, mailbox: Mailbox, settings: LazySettings
) -> None:
    settings.EMAIL_PASSWORD = "wrong"
    with pytest.raises(MailboxTrouble, match="refuses"):
        deposit(store, "x", "x", NOW)
