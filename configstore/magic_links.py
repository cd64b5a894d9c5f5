"""Links that log their owner in without a password, once or until they are revoked.

A link is a public id, which logs and lists may show, and a secret, of which only a digest is
stored. Of all who redeem a single-use link one wins: among those that share a database by its
row in MagicLinkUse, among all others by the entry in the document, of which each change needs
the version that it was made from.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse

from configstore import editing
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.backends.fallback import Written
from configstore.declared import config_store
from configstore.documents import MagicLinkToken, MagicLinkTokens
from configstore.magic_link_list import has_expired, moment
from configstore.models import MagicLinkUse
from configstore.store import ConfigurationUnknown

logger = logging.getLogger(__name__)
NAME = MagicLinkTokens.NAME


class Refusal(Enum):
    UNKNOWN = "unknown"
    WRONG = "wrong"
    FOREIGN = "foreign"
    EXPIRED = "expired"
    USED = "used"
    OWNER = "owner"
    """The owner does not exist any more, is inactive or is not staff."""


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """The one moment at which the secret is known. written says which stores took the link."""

    id: str
    secret: str = field(repr=False)
    expires_at: datetime | None
    written: Written

    @property
    def path(self) -> str:
        """The secret stands in the fragment, which browsers send to nobody."""
        return f"{reverse('magic_link', args=[self.id])}#{self.secret}"


class _Overtaken(Exception):
    """The link was used elsewhere or revoked while it was being redeemed here."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def create(owner: str, single_use: bool, author: str, now: datetime) -> NewLink:
    """A link for the user of that name. Permanent if it is not for single use.

    Raises StoreUnavailable, ConfigurationUnknown, DocumentChanged.
    """
    link_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    expires_at = _epoch(now) + settings.MAGIC_LINK_TTL_SECONDS if single_use else None
    entry = {
        "digest": _digest(secret),
        "owner": owner,
        "created_at": _epoch(now),
        "expires_at": expires_at,
        "single_use": single_use,
        "consumed": False,
        "consumed_at": None,
    }
    written = _update(lambda raw: raw | {link_id: entry}, author, f"magic link {link_id} created")
    return NewLink(id=link_id, secret=secret, expires_at=moment(expires_at), written=written)


def redeem(link_id: str, secret: str, now: datetime) -> User | Refusal:
    """The owner, who may log in now. A single-use link is used up by this.

    Raises ConfigurationUnknown.
    """
    links = config_store().current(MagicLinkTokens).document.links
    link = links.get(link_id)
    if link is None:
        return Refusal.UNKNOWN
    if refusal := _judge(link, secret, now):
        return refusal
    owner = User.objects.filter(username=link.owner, is_active=True, is_staff=True).first()
    if owner is None:
        return Refusal.OWNER
    if link.single_use and (refusal := _use_up(link_id, owner.username, now)):
        return refusal
    return owner


def revoke(link_id: str, author: str) -> bool:
    """False if there is no such link. Raises what create() raises."""
    if link_id not in config_store().current(MagicLinkTokens).document.links:
        return False
    _update(
        lambda raw: {name: entry for name, entry in raw.items() if name != link_id},
        author,
        f"magic link {link_id} revoked",
    )
    return True


def revoke_all(author: str) -> int:
    """How many there were. Raises what create() raises."""
    count = len(config_store().current(MagicLinkTokens).document.links)
    if count:
        _update(_without_links, author, "all magic links revoked")
    return count


def _judge(link: MagicLinkToken, secret: str, now: datetime) -> Refusal | None:
    """Only who knows the secret is told more than that it does not fit."""
    if not link.digest:
        return Refusal.FOREIGN
    if not hmac.compare_digest(_digest(secret).encode(), link.digest.encode()):
        return Refusal.WRONG
    if link.consumed:
        return Refusal.USED
    if has_expired(link, now):
        return Refusal.EXPIRED
    return None


def _use_up(link_id: str, owner: str, now: datetime) -> Refusal | None:
    try:
        with transaction.atomic():
            MagicLinkUse.objects.create(link=link_id, used_at=now)
    except IntegrityError:
        return Refusal.USED

    def mark(raw: JSONObject) -> JSONObject:
        link = MagicLinkTokens.model_validate(raw).links.get(link_id)
        if link is None or link.consumed:
            raise _Overtaken(Refusal.USED if link else Refusal.UNKNOWN)
        used = {"consumed": True, "consumed_at": _epoch(now)}
        return raw | {link_id: raw[link_id] | used}

    try:
        _update(mark, owner, f"magic link {link_id} used")
    except _Overtaken as exc:
        return exc.refusal
    except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
        logger.warning(
            "Magic link used, but not marked in the stores link=%s (%s). "
            "The database alone remembers it: revoke the link.",
            link_id,
            exc,
        )
    return None


def _without_links(raw: JSONObject) -> JSONObject:
    known = MagicLinkTokens.model_validate(raw).links
    return {name: value for name, value in raw.items() if name not in known}


def _update(change: Callable[[JSONObject], JSONObject], author: str, action: str) -> Written:
    return editing.update(
        config_store(), MagicLinkTokens, NAME, change, author=author, action=action
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
