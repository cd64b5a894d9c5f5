"""Senders and subjects of late that are nearly what somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from polling.models import Mail
from webhooks.folding import folded

LATELY = 2000
MOST = 3
# How alike two words are, from 0 to 1.
NEARLY = 0.75
SHORTEST = 4


def similar_senders(words: Sequence[str]) -> list[str]:
    """The addresses of late that resemble one of these words, in whole or before or behind their
    @. One query, whatever the size of the journal."""
    late = Mail.objects.order_by("-pk").exclude(sender_email="")[:LATELY]
    return nearest(words, dict.fromkeys(late.values_list("sender_email", flat=True)))


def nearest(words: Sequence[str], addresses: Iterable[str]) -> list[str]:
    by_part: dict[str, list[str]] = {}
    for address in addresses:
        name, _, domain = folded(address).partition("@")
        for part in {folded(address), name, domain, domain.partition(".")[0]}:
            by_part.setdefault(part, []).append(address)
    found: dict[str, None] = {}
    for word in words:
        if len(word) < SHORTEST:
            continue
        for part in get_close_matches(folded(word), by_part, MOST, NEARLY):
            found.update(dict.fromkeys(by_part[part]))
    return list(found)[:MOST]
