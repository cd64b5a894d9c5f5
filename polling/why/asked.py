"""Which mails somebody means who asks why one did not arrive."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from polling.mail_list import found
from polling.mail_words import has_word
from polling.models import Mail, MailState
from polling.selection import subject_group
from webhooks import search
from webhooks.models import Delivery
from webhooks.paging import whole

MOST = 10
# Of a link, when it is not the subject or the sender that a word is found in.
SHORTEST_PIECE = 5
NAMED_ADDRESS = re.compile(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>\s*")
AROUND = "\"'“”«»()[]<>,;"


def cleaned(text: str) -> str:
    """As the journal knows it: of “Name <address>” the address, and no quotes around words."""
    text = text.replace("\0", "")
    if named := NAMED_ADDRESS.fullmatch(text):
        return named[1]
    words = [word.strip(AROUND) for word in text.split()]
    return " ".join(filter(None, words)) or text.strip()


def mails(text: str) -> list[Mail]:
    """The newest first, one more than are shown. Those whose subject and sender say it come
    alone: a short word such as the number of a lot stands in many a link by chance."""
    if not (words := search.words(text)):
        return []
    rows = Mail.objects.order_by("-pk").select_related("mailbox")
    if named := _newest(rows.filter(*map(has_word, words))):
        return named
    short = [has_word(word) for word in words if len(word) < SHORTEST_PIECE]
    return _newest(rows.filter(found(text), *short))


def lone_deliveries(text: str) -> list[Delivery]:
    """The same of deliveries, for messages whose mails are not in the journal any more."""
    rows = Delivery.objects.filter(search.found(text)).order_by("-pk").defer("payload")
    return _newest(rows) if search.words(text) else []


def kept_back_by(mail: Mail) -> Mail | None:
    """The mail of its subject group that was relayed; of several the last one before it."""
    arrived = Coalesce("received_at", "seen_at")
    relayed = Mail.objects.filter(
        subject_group=subject_group(mail.subject),
        state__in=(MailState.RELAYED, MailState.SETTLED),
    ).annotate(arrived=arrived)
    before = relayed.filter(arrived__lte=mail.received_at or mail.seen_at).order_by("-arrived")
    return before.first() or relayed.order_by("arrived").first()


def _newest(rows: QuerySet[Any]) -> list[Any]:
    keys = list(rows.values_list("pk", flat=True)[: MOST + 1])
    return list(whole(rows, keys)) if keys else []
