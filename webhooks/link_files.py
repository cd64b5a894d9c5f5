"""What became of the files behind the links of deliveries, as pages tell it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webhooks.models import Delivery, Transfer
from webhooks.shared_files import Source, links_with_files


@dataclass(frozen=True, kw_only=True)
class LinkFile:
    """link: without what is secret in it. r2_url: where the files were when this was sent; "" if
    they were not transferred, and why says why not. earlier: for a delivery before this one."""

    link: str
    at: datetime
    r2_url: str = ""
    name: str = ""
    earlier: bool = False
    why: str = ""


def link_files(deliveries: Sequence[Delivery]) -> dict[int, list[LinkFile]]:
    """By the deliveries. Nothing of links whose files nobody was asked for."""
    linked = {each.pk: _linked(each) for each in deliveries}
    digests = {source.digest for pairs in linked.values() for _, source in pairs}
    rows = Transfer.objects.filter(digest__in=digests) if digests else ()
    known = {row.digest: row for row in rows}
    return {each.pk: _files(each, linked[each.pk], known) for each in deliveries}


def _linked(delivery: Delivery) -> list[tuple[dict[str, Any], Source]]:
    """Each place once, however often it is linked to."""
    found = {
        source.digest: (link, source)
        for link, source in links_with_files(json.loads(delivery.payload))
    }
    return list(found.values())


def _files(
    delivery: Delivery,
    linked: Sequence[tuple[dict[str, Any], Source]],
    known: Mapping[str, Transfer],
) -> list[LinkFile]:
    found = (_file(delivery, link, source, known.get(source.digest)) for link, source in linked)
    return [file for file in found if file is not None]


def _file(
    delivery: Delivery, link: Mapping[str, Any], source: Source, row: Transfer | None
) -> LinkFile | None:
    began, where = delivery.created_at, source.masked
    if url := link.get("r2_url"):
        stored = row.transferred_at if row else None
        name = str(link.get("original_filename") or str(url).rpartition("/")[2])
        earlier = stored is not None and stored < began
        at = _within(stored, delivery)
        return LinkFile(link=where, at=at, r2_url=str(url), name=name, earlier=earlier)
    if row is None or row.failed_at is None or row.failed_at < began:
        return None
    return LinkFile(link=where, at=_within(row.failed_at, delivery), why=row.last_error)


def _within(moment: datetime | None, delivery: Delivery) -> datetime:
    """A later transfer of the same link is no matter of this delivery."""
    ends = delivery.tried_at or moment
    if moment is None or ends is None or not delivery.created_at <= moment <= ends:
        return delivery.created_at
    return moment
