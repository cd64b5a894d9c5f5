"""What is known of each mailbox. A few queries and one question to Redis, however many there
are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery

from configstore.documents import PollingConfig, mailbox_document
from configstore.naming import mailbox_names
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import Account, NotSetUp, find_account
from polling.holders import Holder, holders, holders_without_redis
from polling.models import KnownTerm, Mail, MailboxState, MailState
from polling.schedule import next_change, standing_down
from webhooks import journal

# An idle connection is searched every two minutes, and renewed within the time limit.
SEARCH_OVERDUE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """config and account are None where fault says why it cannot be served; empty: nothing names
    a mailbox at all. state is None before the first session, last_mail before the first mail."""

    name: str
    now: datetime
    config: PollingConfig | None = None
    account: Account | None = None
    fault: str = ""
    empty: bool = False
    state: MailboxState | None = None
    last_mail: datetime | None = None
    quarantined: int = 0
    held_back: bool = False
    holder: Holder

    @property
    def down(self) -> str:
        """Why no mail is to be read now."""
        return standing_down(self.config, self.now) if self.config else ""

    @property
    def changes_at(self) -> datetime | None:
        return next_change(self.config, self.now) if self.config else None

    @property
    def unheld(self) -> bool:
        """Nobody works on it, as far as can be known."""
        return not (self.holder.fields or self.holder.unknown)

    @property
    def overdue(self) -> bool:
        """It should have been searched by now, or again."""
        if self.config is None or self.account is None or self.down:
            return False
        searched = self.state.searched_at if self.state else None
        if searched is None:
            return True
        wait = timedelta(seconds=2 * self.config.interval_seconds + settings.IMAP_TIMEOUT_SECONDS)
        return self.now - searched > max(SEARCH_OVERDUE, wait)

    @property
    def connected_since(self) -> datetime | None:
        state = self.state
        if state is None or self.down or self.overdue or self.unheld:
            return None
        return None if state.trouble and not state.served else state.connected_at


def mailboxes(store: ConfigStore, now: datetime) -> list[Mailbox]:
    """Raises ConfigurationUnknown if the default one is."""
    names = mailbox_names(store)
    described = {name: _described(store, name) for name in names}
    accounts = {name: account for name, (_, account, _, _) in described.items() if account}
    identities = [account.identity for account in accounts.values()]
    rows = MailboxState.objects.filter(identity__in=identities)
    mails = Mail.objects.filter(mailbox=OuterRef("pk")).order_by("-seen_at")
    last_mail = Subquery(mails.values("seen_at")[:1])
    states = {row.identity: row for row in rows.annotate(last_mail=last_mail)}
    parked = Mail.objects.filter(state=MailState.QUARANTINED, mailbox__in=states.values())
    quarantined = dict(parked.values_list("mailbox").annotate(Count("id")))
    # Redis is not waited for twice: reading the documents has found out that it is away.
    away = "Redis" in store.chain.unavailable()
    held_back, held = _held_back(), holders_without_redis(names) if away else holders(names)
    found = []
    for name, (config, account, fault, empty) in described.items():
        state = states.get(account.identity) if account else None
        found.append(
            Mailbox(
                name=name,
                now=now,
                config=config,
                account=account,
                fault=fault,
                empty=empty,
                state=state,
                last_mail=state.last_mail if state else None,
                quarantined=quarantined.get(state.pk, 0) if state else 0,
                held_back=name in held_back,
                holder=held[name],
            )
        )
    return found


def _held_back() -> set[str]:
    """The mailboxes with deliveries that may have been sent by somebody else."""
    rows = KnownTerm.objects.filter(held_back=True).values_list("mailbox", flat=True)
    return {*rows} & journal.unsettled_sources() if rows else set()


def _described(
    store: ConfigStore, name: str
) -> tuple[PollingConfig | None, Account | None, str, bool]:
    """Its settings, its account, what is wrong with them, and whether there are none."""
    try:
        config = store.get(PollingConfig, mailbox_document(name))
        return config, find_account(store, name), "", False
    except NotSetUp as exc:
        return config, None, str(exc), not exc.has_host
    except ConfigurationUnknown as exc:
        return None, None, str(exc), False
