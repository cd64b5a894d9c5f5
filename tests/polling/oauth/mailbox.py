"""A mailbox that is described by a document in memory, and the tokens of a process for it."""

from __future__ import annotations

from typing import Any

import pytest

from configstore.backends.base import JSONObject
from configstore.documents import PollingConfig
from polling.accounts import DEFAULT, Account, described_account
from polling.errors import MailboxTrouble
from polling.oauth.tokens import Access, Tokens
from tests.polling.documents import Memory, store_of
from tests.servers.provider import Provider

NAME = "polling_config"


class Mailbox:
    def __init__(self, provider: Provider, memory: Memory | None = None, **fields: object) -> None:
        self._memory = memory or Memory()
        self._memory.documents[NAME] = provider.document(
            imap_host="mail.example", imap_user=provider.user, **fields
        )
        self.now = 1000.0
        self.restart()

    def restart(self) -> None:
        """Another process: nothing is known but the document."""
        self._store = store_of(self._memory)
        self.tokens = Tokens(lambda: self._store, lambda: self.now)

    @property
    def document(self) -> JSONObject:
        return self._memory.documents[NAME]

    @property
    def stored(self) -> Any:
        return self.document["oauth_refresh_token"]

    @property
    def account(self) -> Account:
        return described_account(DEFAULT, self._store.current(PollingConfig).document)

    def write(self, **fields: object) -> None:
        """As another process does it."""
        self._memory.documents[NAME] = self.document | fields

    def access(self, account: Account | None = None) -> Access:
        account = account or self.account
        assert account.oauth is not None
        return self.tokens.access(account, account.oauth)

    def trouble(self) -> MailboxTrouble:
        with pytest.raises(MailboxTrouble) as caught:
            self.access()
        assert not [secret for secret in Provider.secrets() if secret in str(caught.value)]
        return caught.value
