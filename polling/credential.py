"""What a session logs in with: a password, or an access token, which ends before it does."""

from __future__ import annotations

import math
import time

from polling.accounts import Account
from polling.oauth.tokens import Access, tokens


class Credential:
    """That of one session. Its methods raise MailboxTrouble where there is nothing to log in
    with."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._access = self._ask()
        self.secret = self._access.text if self._access else account.clear_password()

    def replace(self) -> bool:
        """After a refusal: a token may have been withdrawn before its time, and then a new one
        is good. False if this one was new, and for a password."""
        oauth, refused = self._account.oauth, self._access
        if oauth is None or refused is None:
            return False
        tokens().refused(self._account, oauth, refused)
        if refused.is_new:
            return False
        self._access = tokens().access(self._account, oauth)
        self.secret = self._access.text
        return True

    def lasts(self) -> bool:
        """Whether it is still what one would log in with."""
        if self.rest() > 0:
            return True
        self._access = self._ask()
        return self._access is not None and self._access.text == self.secret

    def rest(self) -> float:
        """In how many seconds lasts() is to be asked again."""
        return math.inf if self._access is None else self._access.ask_again_at - time.monotonic()

    def _ask(self) -> Access | None:
        oauth = self._account.oauth
        return tokens().access(self._account, oauth) if oauth else None
