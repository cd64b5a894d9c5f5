"""A request with little time, which is kept."""

from __future__ import annotations

import time

from tests.webhooks.examples import endpoint as to
from webhooks.client import Client, Result

LIMIT = 0.6


def send(client: Client, url: str, limit: float = LIMIT) -> Result:
    begun = time.monotonic()
    result = client.send(to(url, deadline_seconds=limit), "msg_1", "{}")
    assert time.monotonic() - begun < limit + 0.3
    return result


def is_retryable(result: Result) -> bool:
    return not (result.delivered or result.permanent or result.gone or result.cut)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
