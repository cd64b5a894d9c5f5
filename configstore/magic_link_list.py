"""The magic links as a list, with what has become of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from configstore.declared import config_store
from configstore.documents import MagicLinkToken, MagicLinkTokens
from configstore.models import MagicLinkUse


class State(Enum):
    USABLE = "usable"
    USED = "used"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    """Not made here: by the former application, or by hand. It opens nothing."""


@dataclass(frozen=True, kw_only=True)
class Link:
    id: str
    state: State
    owner: str | None = None
    single_use: bool = True
    created_at: datetime | None = None
    expires_at: datetime | None = None
    used_at: datetime | None = None


def links(now: datetime) -> list[Link]:
    """All links, the oldest entry first. Raises ConfigurationUnknown."""
    entries = config_store().current(MagicLinkTokens).document.links
    used = _used_at(entries)
    return [_link(link_id, entry, used.get(link_id), now) for link_id, entry in entries.items()]


def has_expired(link: MagicLinkToken, now: datetime) -> bool:
    return link.expires_at is not None and link.expires_at <= now.timestamp()


def moment(epoch: float | None) -> datetime | None:
    """None also for a number that is no time: people write the document by hand."""
    try:
        return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _link(
    link_id: str, entry: MagicLinkToken | None, used_at: datetime | None, now: datetime
) -> Link:
    if entry is None:
        return Link(id=link_id, state=State.FOREIGN)
    return Link(
        id=link_id,
        state=_state(entry, used_at is not None, now),
        owner=entry.owner,
        single_use=entry.single_use,
        created_at=moment(entry.created_at),
        expires_at=moment(entry.expires_at),
        used_at=moment(entry.consumed_at) or used_at,
    )


def _state(entry: MagicLinkToken, in_database: bool, now: datetime) -> State:
    if entry.consumed or in_database:
        return State.USED
    if has_expired(entry, now):
        return State.EXPIRED
    return State.USABLE if entry.digest else State.FOREIGN


def _used_at(link_ids: Iterable[str]) -> dict[str, datetime]:
    uses = MagicLinkUse.objects.filter(link__in=link_ids)
    return dict(uses.values_list("link", "used_at"))
