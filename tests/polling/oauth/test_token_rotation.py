"""Refresh tokens that the provider replaces are there for the next process."""

from __future__ import annotations

import pytest
from django.conf import LazySettings

from configstore.backends import fallback
from configstore.backends.base import JSONObject, StoreUnavailable, Version
from configstore.secrets import decrypt
from tests.polling.documents import Memory
from tests.polling.oauth.mailbox import Mailbox
from tests.servers.provider import Provider

pytestmark = pytest.mark.usefixtures("no_tokens")


@pytest.fixture
def mailbox(provider: Provider) -> Mailbox:
    provider.rotates = True
    return Mailbox(provider)


def renew(mailbox: Mailbox) -> None:
    mailbox.now += 4000
    mailbox.access()


def test_each_new_one_is_stored_encrypted_and_nothing_else_is_changed(
    mailbox: Mailbox, provider: Provider
) -> None:
    account = mailbox.account
    for _ in range(3):
        before = dict(mailbox.document)
        mailbox.now += 4000
        mailbox.access(account)  # a session keeps the account that it was opened with
        assert mailbox.stored.startswith("fernet:")
        assert decrypt(mailbox.stored) == provider.refresh_token
        assert mailbox.document == before | {"oauth_refresh_token": mailbox.stored}
    assert provider.asked[-1]["refresh_token"] == "r3fresh-2"


def test_the_next_process_has_it(mailbox: Mailbox, provider: Provider) -> None:
    mailbox.access()
    mailbox.restart()
    mailbox.access()
    assert [form["refresh_token"] for form in provider.asked] == ["r3fresh-0", "r3fresh-1"]


def test_the_mailbox_is_still_the_same_account(mailbox: Mailbox) -> None:
    before = mailbox.account
    for _ in range(3):
        renew(mailbox)
        assert mailbox.account == before
    mailbox.write(oauth_refresh_token="another one")
    assert mailbox.account != before


def test_what_a_person_saved_meanwhile_stays(mailbox: Mailbox, provider: Provider) -> None:
    account = mailbox.account
    mailbox.write(oauth_refresh_token="of a person", imap_folder="Other")
    mailbox.access(account)
    assert (mailbox.stored, mailbox.document["imap_folder"]) == ("of a person", "Other")


def test_an_edit_beside_it_stays(mailbox: Mailbox) -> None:
    mailbox.access()
    mailbox.write(imap_folder="Other")
    renew(mailbox)
    assert mailbox.document["imap_folder"] == "Other"


class Away(Memory):
    """Takes nothing for a while."""

    away = False

    def write(
        self, name: str, document: JSONObject | None, expected: Version | None = None
    ) -> None:
        if self.away:
            raise StoreUnavailable("away")
        super().write(name, document, expected)


def test_while_no_store_takes_it_this_process_goes_on_with_it(
    provider: Provider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "LEFT_ALONE_SECONDS", 0.0)
    provider.rotates = True
    memory = Away()
    mailbox = Mailbox(provider, memory)
    before = mailbox.account
    memory.away = True
    for _ in range(3):
        renew(mailbox)
    assert mailbox.stored == "r3fresh-0"
    assert mailbox.account == before
    said = [r.getMessage() for r in caplog.records if "cannot be stored" in r.getMessage()]
    assert said == [
        "OAuth: mailbox default: the new refresh token cannot be stored yet (StoreUnavailable); "
        "this process has it"
    ]
    memory.away = False
    mailbox.now += 31
    mailbox.access()
    assert decrypt(mailbox.stored) == provider.refresh_token
    assert (mailbox.account, len(provider.asked)) == (before, 3)


def test_the_variable_cannot_be_changed_and_that_is_said_once(
    provider: Provider, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    provider.rotates = True
    settings.EMAIL_OAUTH_REFRESH_TOKEN = provider.refresh_token
    mailbox = Mailbox(provider, oauth_refresh_token="of the document")
    for _ in range(3):
        renew(mailbox)
    assert mailbox.stored == "of the document"
    assert [form["refresh_token"] for form in provider.asked] == [
        "r3fresh-0",
        "r3fresh-1",
        "r3fresh-2",
    ]
    said = [r.getMessage() for r in caplog.records if "EMAIL_OAUTH_REFRESH" in r.getMessage()]
    assert len(said) == 1
    assert not [secret for secret in provider.secrets() if secret in caplog.text]
