"""Messages, endpoints and results for tests, complete and short."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

from configstore.backends.base import JSONObject
from configstore.signing_secrets import derive_secret
from tests.polling.documents import Memory, store_of
from webhooks import outbox
from webhooks.acceptance import Acceptance
from webhooks.client import Result
from webhooks.endpoints import Endpoint
from webhooks.messages import Link, Message
from webhooks.outbox import Claim
from webhooks.retry import schedule
from webhooks.settlement import Finished, settle

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = derive_secret("a master key for tests", "default")
OLD_SECRET = derive_secret("the master key before", "default")

SCHEDULE = schedule(0, 0)

OK = Result(delivered=True, status=200, answer='{"success": true}')
FAILED = Result(delivered=False, status=503, error="HTTP 503")
TOO_LARGE = Result(delivered=False, status=413, error="HTTP 413", permanent=True)
REFUSED = Result(delivered=False, error="10.0.0.1 may not be reached", permanent=True, refused=True)
GONE = Result(delivered=False, status=410, error="HTTP 410", gone=True)
CUT = Result(delivered=False, error="stopped while sending", cut=True)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def message(
    name: str = "mail-1",
    *,
    source: str = "default",
    text: str = "Bonjour",
    links: tuple[Link, ...] = (),
) -> Message:
    return Message(
        id=name,
        source=source,
        subject="Lot 12",
        sender="Studio <livraison@studio.example>",
        sender_email="livraison@studio.example",
        sent="Fri, 20 Nov 2026 09:00:00 +0000",
        received_at=NOW,
        text=text,
        links=links,
    )


def link(provider: str = "dropbox", number: int = 1, *, direct: bool = True) -> Link:
    raw = f"https://www.{provider}.com/s/{number}?dl=0"
    return Link(provider=provider, raw_url=raw, direct_url=raw[:-1] + "1" if direct else None)


def endpoint(url: str = "https://hook.example.com/secret-path", **fields: object) -> Endpoint:
    values: dict[str, object] = {"id": "default", "secrets": (SECRET,), "deadline_seconds": 5.0}
    return Endpoint(url=url, **(values | fields))  # type: ignore[arg-type]


def enqueue(
    *names: str, at: datetime = NOW, source: str = "default", links: tuple[Link, ...] = ()
) -> None:
    hand_over(*(message(name, source=source, links=links) for name in names), at=at)


def hand_over(*messages: Message, at: datetime = NOW, **documents: JSONObject) -> None:
    """As the poller does, under these documents; webhook_config__sales is that of sales."""
    stored = Memory()
    stored.documents = {name.replace("__", ":"): value for name, value in documents.items()}
    outbox.enqueue(Acceptance(store_of(stored)).deliveries(messages, at))


def claim(limit: int = 10, at: datetime = NOW, to: Endpoint | None = None) -> list[Claim]:
    return outbox.claim(to or endpoint(), limit, at)


def stale(claim: Claim) -> Claim:
    """As somebody holds it whose lease is over."""
    return Claim(**{**vars(claim), "token": uuid.uuid4()})


class NoJitter(random.Random):
    def uniform(self, a: float, b: float) -> float:
        return 1.0


def finish(
    got: Claim, result: Result, at: datetime, delays: tuple[float, ...] = SCHEDULE
) -> set[str]:
    return settle([Finished(got, endpoint(), result, at)], delays, NoJitter())
