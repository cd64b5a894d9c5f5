"""A stand-in for the R2 fetch Worker: an Endpoint that answers as the contract says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer, Request

PUBLIC_BASE_URL = "https://files.example.org"
TOKEN = "t0ken-of-the-worker"
VARIABLES = {
    "R2_FETCH_ENABLED": "true",
    "R2_FETCH_TOKEN": TOKEN,
    "R2_PUBLIC_BASE_URL": PUBLIC_BASE_URL,
    "R2_BUCKET_NAME": "deliveries",
}


def answering(status: int = 200, delay: float = 0.0, **fields: object) -> Answer:
    return Answer(status=status, delay=delay, body=json.dumps(fields).encode())


def stored_at(object_key: str) -> str:
    return f"{PUBLIC_BASE_URL}/{object_key}"


def store(request: Request) -> Answer:
    """As the Worker does when all goes well."""
    asked = request.json
    if request.headers["X-R2-FETCH-TOKEN"] != TOKEN:
        return answering(403, success=False, error="unauthorised")
    return answering(
        success=True, r2_url=stored_at(asked["object_key"]), original_filename="lot-12.zip"
    )


def store_after(seconds: Callable[[str], float]) -> Callable[[Request], Answer]:
    """The same, so many seconds after the request for a source URL."""

    def behaviour(request: Request) -> Answer:
        answer = store(request)
        return Answer(
            status=answer.status, body=answer.body, delay=seconds(request.json["source_url"])
        )

    return behaviour


def asked_for(worker: Endpoint) -> list[dict[str, Any]]:
    return [request.json for request in worker.requests]
