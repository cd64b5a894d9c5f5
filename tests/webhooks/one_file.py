"""One file that the Worker is asked for, and what it answers."""

from __future__ import annotations

from typing import Any

from tests.servers.exchange import Answer
from tests.servers.fake_worker import answering, stored_at
from webhooks.shared_files import Source
from webhooks.worker import Worker
from webhooks.worker_answers import Fetched

URL = "https://www.dropbox.com/scl/fi/abc/lot.zip?rlkey=s3cret&dl=1"
SOURCE = Source(provider="dropbox", url=URL)


def fetch(seconds: float = 5.0, client: Worker | None = None) -> Fetched:
    return (client or Worker()).fetch(SOURCE, "mail-1", seconds)


def stored(**fields: object) -> Answer:
    good: dict[str, Any] = {
        "success": True,
        "r2_url": stored_at(SOURCE.object_key),
        "original_filename": "a.zip",
    }
    return answering(**(good | fields))
