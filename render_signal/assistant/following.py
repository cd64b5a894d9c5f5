"""Which mail the assistant follows; the address of the page says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.http import urlencode

from polling.accounts import Account
from polling.models import Mail, MailState

TOKEN = re.compile(r"[0-9a-f]{6}")
# What a year has, whatever else a person writes into the address.
LARGEST_MOMENT = 32_503_680_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The mail with this token in its subject; without one, the first that was found since."""

    token: str = ""
    since: datetime

    @property
    def query(self) -> str:
        query = {"mail": self.token} if self.token else {}
        query["since"] = str(int(self.since.timestamp()))
        return urlencode(query)


def wanted(query: Mapping[str, str]) -> Wanted | None:
    token, since = query.get("mail", ""), query.get("since", "")
    if not (since.isascii() and since.isdecimal() and int(since) < LARGEST_MOMENT):
        return None
    if token and not TOKEN.fullmatch(token):
        return None
    return Wanted(token=token, since=datetime.fromtimestamp(int(since), UTC))


def find(followed: Wanted, account: Account) -> Mail | None:
    """In the journal of this mailbox."""
    rows = Mail.objects.filter(
        state__in=MailState.values,  # all there are: for its index
        seen_at__gte=followed.since,
        mailbox__identity=account.identity,
    )
    if followed.token:
        rows = rows.filter(subject__contains=followed.token)
    return rows.select_related("mailbox").order_by("seen_at", "pk").first()
