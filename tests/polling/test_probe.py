"""The button beside a mailbox, against a real server."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from configstore.documents import PollingConfig
from configstore.secrets import encrypt
from polling.probe import try_mailbox
from tests.polling.examples import mail
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_port

DOCUMENT = "polling_config:sales"


def config(mailbox: Mailbox, **fields: object) -> PollingConfig:
    secret = {"imap_password": encrypt(mailbox.password)}
    return PollingConfig.model_validate(mailbox.document() | secret | fields)


def test_it_says_what_is_in_the_mailbox_and_leaves_it_as_it_is(mailbox: Mailbox) -> None:
    mailbox.append(mail().as_bytes())
    mailbox.append(mail().as_bytes())
    answer = try_mailbox(DOCUMENT, config(mailbox))
    assert answer.ok
    facts = dict(answer.facts)
    assert facts["Content"] == "2 mails, unread: 2"
    assert facts["Folder"] == "INBOX"
    assert facts["Announces new mail"] == "yes"
    assert dict(try_mailbox(DOCUMENT, config(mailbox)).facts)["Content"] == "2 mails, unread: 2"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"imap_password": "wrong"}, "refuses the user name or password"),
        ({"imap_folder": "Nowhere"}, "no such folder"),
        ({"imap_port": free_port()}, "refuses the connection"),
        ({"imap_host": None}, "lacks “Server”"),
        ({"imap_password": "fernet:damaged"}, "cannot be read"),
    ],
)
def test_it_says_what_is_wrong(mailbox: Mailbox, fields: dict[str, object], sentence: str) -> None:
    answer = try_mailbox(DOCUMENT, config(mailbox, **fields))
    assert not answer.ok
    assert sentence in answer.sentence
    assert mailbox.password not in str(answer)


def test_the_environment_wins_for_the_default_mailbox_alone(
    mailbox: Mailbox, settings: LazySettings
) -> None:
    settings.EMAIL_PASSWORD = "wrong"
    assert not try_mailbox("polling_config", config(mailbox)).ok
    assert try_mailbox(DOCUMENT, config(mailbox)).ok
