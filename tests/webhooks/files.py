"""Links to files, and the deliveries that have them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from tests.servers.exchange import Request
from tests.webhooks.examples import enqueue as enqueue_at
from webhooks.messages import Link
from webhooks.models import Delivery, State
from webhooks.shared_files import source_of

FOLDER_RAW = "https://www.dropbox.com/scl/fo/abc/def?rlkey=s3cret&dl=0"
FOLDER = Link(provider="dropbox", raw_url=FOLDER_RAW, direct_url=FOLDER_RAW[:-1] + "1")
SMASH = Link(provider="fromsmash", raw_url="https://fromsmash.com/abc", direct_url=None)


def smash(number: int) -> Link:
    return Link(
        provider="fromsmash", raw_url=f"https://fromsmash.com/number-{number}", direct_url=None
    )


def key(link: Link) -> str:
    source = source_of(link.provider, link.raw_url, link.direct_url)
    assert source is not None
    return source.object_key


def enqueue(*names: str, links: tuple[Link, ...] = (FOLDER, SMASH)) -> None:
    enqueue_at(*names, at=timezone.now(), links=links)


def delivered(count: int = 1) -> bool:
    return Delivery.objects.filter(state=State.DELIVERED).count() == count


def links_of(request: Request) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = request.json["delivery_links"]
    return links
