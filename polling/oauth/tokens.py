"""The access tokens of this process: kept, and renewed before they end."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from pydantic import ValidationError

from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.credentials import VARIABLES
from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.secrets import encrypt
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import Account
from polling.errors import Kind, MailboxTrouble
from polling.oauth.described import OAuth, succeed
from polling.oauth.token_answers import Grant, TokenTrouble
from polling.oauth.token_endpoint import renew
from polling.patience import Patience

logger = logging.getLogger(__name__)

REFRESH_TOKEN = "oauth_refresh_token"  # noqa: S105  # the name of the field
# So long before its end a token is renewed; a short-lived one after half its life.
RENEWAL_SECONDS = 300.0
# However short a token lives, the endpoint is not asked more often.
SHORTEST_SECONDS = 5.0
# A refresh token that no store took is offered again.
STORING_SECONDS = 30.0
# More than there are mailboxes: a token that was forgotten is asked for again, each time.
MOST_HELD = 10_000
Key = tuple[str, OAuth]


@dataclass(frozen=True)
class Access:
    """A token that is good now. At ask_again_at, on the monotonic clock, there may be another.
    is_new: nobody has logged in with it yet."""

    text: str = field(repr=False)
    ask_again_at: float
    is_new: bool


class _Superseded(Exception):
    """Somebody has given the mailbox another refresh token meanwhile."""


class _Held:
    """What is known of one grant. refresh_token is the newest, "" while that is the one of the
    document; stored is how the document has it, as far as we know. At store_at, on the clock of
    renew_at, it is to be stored."""

    def __init__(self, oauth: OAuth) -> None:
        self.lock = threading.Lock()
        self.text = ""
        self.renew_at = self.ends_at = 0.0
        self.refresh_token = ""
        self.stored = oauth.refresh_token
        self.store_at = math.inf
        self.patience = Patience()

    def take(self, grant: Grant, now: float) -> None:
        margin = min(RENEWAL_SECONDS, grant.seconds / 2)
        self.text = grant.access_token
        self.ends_at = now + grant.seconds
        self.renew_at = now + max(SHORTEST_SECONDS, grant.seconds - margin)
        self.patience.start_anew()

    def access(self, is_new: bool = False) -> Access:
        return Access(self.text, min(self.renew_at, self.store_at), is_new)


class Tokens:
    """For any number of threads. A provider is asked by one of them at a time for each grant."""

    def __init__(
        self,
        store: Callable[[], ConfigStore] = config_store,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[Key, _Held] = {}
        self._warned: set[str] = set()

    def access(self, account: Account, oauth: OAuth) -> Access:
        """Raises MailboxTrouble where there is no token that is good."""
        held = self._of(account, oauth)
        with held.lock:
            if held.text and self._monotonic() < held.renew_at:
                self._keep(account, oauth, held)
                return held.access()
            try:
                self._take(account, oauth, held, _renewed(account, oauth, held))
            except MailboxTrouble as exc:
                if not _outlives(held, exc, self._monotonic()):
                    raise
                return held.access()
            return held.access(is_new=True)

    def refused(self, account: Account, oauth: OAuth, access: Access) -> None:
        """The mailbox does not take this token: another is asked for next time."""
        held = self._of(account, oauth)
        with held.lock:
            if held.text == access.text:
                held.text = ""

    def remember(self, account: Account, oauth: OAuth, grant: Grant) -> None:
        """What somebody else has got for this mailbox."""
        held = self._of(account, oauth)
        with held.lock:
            held.take(grant, self._monotonic())

    def _of(self, account: Account, oauth: OAuth) -> _Held:
        key = (account.user, oauth)
        with self._lock:
            if key not in self._held:
                if len(self._held) >= MOST_HELD:
                    del self._held[next(iter(self._held))]
                self._held[key] = _Held(oauth)
            return self._held[key]

    def _take(self, account: Account, oauth: OAuth, held: _Held, grant: Grant) -> None:
        held.take(grant, self._monotonic())
        logger.info(
            "OAuth: mailbox %s has a new access token for %.0f s", account.name, grant.seconds
        )
        if grant.refresh_token and grant.refresh_token != _refresh_token(account, held):
            held.refresh_token, held.store_at = grant.refresh_token, self._monotonic()
        self._keep(account, oauth, held)

    def _keep(self, account: Account, oauth: OAuth, held: _Held) -> None:
        """Store a new refresh token when that is due, for the next process."""
        if self._monotonic() < held.store_at:
            return
        held.store_at = math.inf
        if not oauth.in_document:
            self._warn(
                account,
                f"its provider has replaced the refresh token, and {VARIABLES[REFRESH_TOKEN]} "
                "cannot be changed from here: if the former one ends, mails wait after the next "
                "start. Without that variable new ones are stored in the document.",
            )
            return
        sealed, former = encrypt(held.refresh_token), held.stored

        def change(raw: JSONObject) -> JSONObject:
            if raw.get(REFRESH_TOKEN) != former:
                raise _Superseded
            return raw | {REFRESH_TOKEN: sealed}

        succeed(former, sealed)
        try:
            self._store().update(PollingConfig, account.document, change)
        except _Superseded:
            logger.info("OAuth: mailbox %s has been given another refresh token", account.name)
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged, ValidationError) as exc:
            succeed(sealed, former)
            held.store_at = self._monotonic() + STORING_SECONDS
            why = f"the new refresh token cannot be stored yet ({type(exc).__name__})"
            self._warn(account, f"{why}; this process has it")
        else:
            held.stored = sealed

    def _warn(self, account: Account, sentence: str) -> None:
        """Once in the life of the process."""
        line = f"OAuth: mailbox {account.name}: {sentence}"
        with self._lock:
            if line in self._warned:
                return
            self._warned.add(line)
        logger.warning("%s", line)


@cache
def tokens() -> Tokens:
    """Those of this process."""
    return Tokens()


def _renewed(account: Account, oauth: OAuth, held: _Held) -> Grant:
    secret = account.clear("oauth_client_secret", oauth.client_secret)
    try:
        return renew(oauth, secret, _refresh_token(account, held))
    except TokenTrouble as exc:
        raise _explained(account, exc) from exc


def _refresh_token(account: Account, held: _Held) -> str:
    return held.refresh_token or account.clear(REFRESH_TOKEN, held.stored)


def _explained(account: Account, trouble: TokenTrouble) -> MailboxTrouble:
    sentence = f"IMAP login failed: {trouble}"
    if trouble.kind is Kind.AUTHENTICATION:
        sentence += f". Run `manage.py mailboxlogin {account.name}` to log in again."
    return MailboxTrouble(trouble.kind, sentence)


def _outlives(held: _Held, trouble: MailboxTrouble, now: float) -> bool:
    """Whether the present token goes on although it cannot be renewed at the moment."""
    left = held.ends_at - now
    if not held.text or left <= 0 or trouble.kind not in (Kind.TRANSIENT, Kind.LIMIT):
        return False
    held.renew_at = now + min(held.patience.failed(trouble.kind), left)
    logger.warning(
        "%s [%s, the present token goes on for %.0f s]", trouble, trouble.kind.value, left
    )
    return True
