"""What a person types or pastes to find a message: words of its subject or its sender, a link or
a piece of one, its ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from html import unescape
from operator import or_
from typing import Any
from urllib.parse import unquote

from django.db import connection
from django.db.models import Q, QuerySet

from runtime.bulk_insert import insert
from webhooks.folding import folded, folded_before
from webhooks.messages import Message
from webhooks.models import Delivery, SearchKey

KEY_CHARACTERS = 500
MOST_WORDS = 8
# Parameters by which two links to the same files differ.
SWITCHES = ("dl", "raw")
_ADDRESS = re.compile(r"https?://\S|(?:[a-z0-9-]+\.)+[a-z]{2,}/\S", re.IGNORECASE)
_WEBHOOK_ID = re.compile(r"msg_[0-9a-f]{32}")
# Keys of a release before the first stay as they are.
FOLDINGS = (folded, folded_before)
_LAST = "\U0010ffff"


def place(link: str, fold: Callable[[str], str] = folded) -> str:
    """Where a link leads, the same for all ways of writing it: host, path, and query."""
    text = unescape(link.strip())
    text = (text.partition("://")[2] or text).partition("#")[0]
    address, _, query = text.partition("?")
    address = fold(unquote(address)).removeprefix("www.").rstrip("/")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] not in SWITCHES]
    return f"{address}?{fold('&'.join(kept))}" if kept else address


def keys_of(subject: str, sender: str, links: Iterable[str | None]) -> set[str]:
    found = {folded(subject), folded(sender), *(place(link) for link in links if link)}
    return {key.strip()[:KEY_CHARACTERS] for key in found} - {""}


def remember(messages: Iterable[Message]) -> None:
    """Have these found. Belongs into the transaction that queues them."""
    insert(_rows(messages), ignore_conflicts=True)


def remember_files(message_id: str, addresses: Iterable[str]) -> None:
    """Have a message found by where its files are, too."""
    keys = {place(address)[:KEY_CHARACTERS] for address in addresses if address}
    found = [SearchKey(message_id=message_id, key=key) for key in sorted(keys)]
    insert(found, ignore_conflicts=True)


def found(text: str) -> Q:
    """The rows whose message_id is that of a message with all these words."""
    wanted = Q()
    for word in words(text):
        wanted &= by_word(word)
    return wanted


def words(text: str) -> list[str]:
    return text.split()[:MOST_WORDS]


def by_word(word: str) -> Q:
    if _WEBHOOK_ID.fullmatch(word):
        return Q(message_id__in=Delivery.objects.filter(webhook_id=word).values("message_id"))
    if _ADDRESS.match(word):
        return _beginning_with({place(word, fold).partition("?")[0] for fold in FOLDINGS})
    forms = {fold(word) for fold in FOLDINGS} - {""}
    if not forms:  # of accents alone
        return Q(message_id=word)
    keys = SearchKey.objects.filter(reduce(or_, (Q(key__contains=form) for form in forms)))
    return Q(message_id=word) | Q(message_id__in=keys.values("message_id"))


def _beginning_with(places: set[str]) -> Q:
    """Of none of them if a link leads nowhere."""
    nothing = Q(message_id__in=())
    return reduce(or_, (Q(message_id__in=_leading_to(each)) for each in places - {""}), nothing)


def by_place(address: str) -> Q:
    """The rows whose message_id is that of a message that links to this place, whatever the
    query: by what stands before it, for who has no more."""
    beginning = place(address).partition("?")[0]
    with_query = Q(message_id__in=_leading_to(f"{beginning}?"))
    keys = SearchKey.objects.filter(key=beginning[:KEY_CHARACTERS])
    return with_query | Q(message_id__in=keys.values("message_id"))


def _leading_to(beginning: str) -> QuerySet[Any, Any]:
    """By the index, which LIKE does not take on SQLite, nor a range on PostgreSQL."""
    beginning = beginning[:KEY_CHARACTERS]
    if connection.vendor == "sqlite":
        rows = SearchKey.objects.filter(key__gte=beginning, key__lt=beginning + _LAST)
    else:
        rows = SearchKey.objects.filter(key__startswith=beginning)
    return rows.values("message_id")


def _rows(messages: Iterable[Message]) -> Iterator[SearchKey]:
    for message in messages:
        links = [url for link in message.links for url in (link.raw_url, link.direct_url)]
        for key in sorted(keys_of(message.subject, message.sender, links)):
            yield SearchKey(message_id=message.id, key=key)
