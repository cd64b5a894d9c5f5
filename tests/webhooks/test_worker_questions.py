"""A question to the Worker that is no transfer."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from webhooks.shared_files import Source
from webhooks.worker import Worker

SOURCE = Source(provider="dropbox", url="https://bogus.invalid/file.zip")


def test_it_is_told_with_its_status_and_its_clock_and_not_in_the_log(
    r2: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    r2.answer(
        Answer(
            status=403,
            body=b'{"success": false, "error": "source_url has a host that is not allowed"}',
            headers={"Date": "Fri, 27 Nov 2026 08:00:00 GMT"},
        )
    )
    with caplog.at_level(logging.DEBUG, "webhooks"):
        found = Worker().ask(SOURCE, "doctor-1", 5)
    assert (found.status, found.r2_url) == (403, "")
    assert found.error == "HTTP 403: source_url has a host that is not allowed"
    assert found.said_at == datetime(2026, 11, 27, 8, tzinfo=UTC)
    assert caplog.records == []


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Nov 2026 08:00:00 GMT"])
def test_a_clock_that_makes_no_sense_is_not_told(r2: Endpoint, date: str) -> None:
    r2.answer(Answer(status=403, body=b"{}", headers={"Date": date}))
    assert Worker().ask(SOURCE, "doctor-1", 5).said_at is None
