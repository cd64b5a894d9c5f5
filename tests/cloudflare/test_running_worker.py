"""The Worker as the relay meets it: over HTTP, by the contract."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeWorker
from tests.servers.worker import BUCKET_NAME, PUBLIC_BASE_URL, TOKEN, Worker

SOURCE = "https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=k&dl=1"
KEY = "dropbox/01234567/89abcdef/film.mp4"


def order(worker: Worker, token: str = TOKEN, **fields: str) -> requests.Response:
    body = {
        "source_url": SOURCE,
        "object_key": KEY,
        "bucket": BUCKET_NAME,
        "provider": "dropbox",
        "email_id": "0f7f9bbdf526c90859b55f5aadbc9df8f6251392",
        **fields,
    }
    return requests.post(worker.url, json=body, headers={"X-R2-FETCH-TOKEN": token}, timeout=20)


def film(content: bytes) -> Answer:
    disposition = "attachment; filename=\"_.mp4\"; filename*=UTF-8''Le%20film%20%C3%A9t%C3%A9.mp4"
    headers = {"Content-Type": "video/mp4", "Content-Disposition": disposition}
    return Answer(body=content, headers=headers)


def test_a_file_is_fetched_stored_and_read_back(worker: Worker) -> None:
    content = os.urandom(3_000_000)
    worker.source.answer(film(content))
    answer = order(worker)
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "r2_url": f"{PUBLIC_BASE_URL}/{KEY}",
        "original_filename": "Le film été.mp4",
    }
    stored = worker.stored(KEY)
    assert stored is not None
    assert (stored.content, stored.headers["Content-Type"]) == (content, "video/mp4")
    metadata = worker.metadata(KEY)
    assert metadata["original_filename"] == "Le film été.mp4"
    left = datetime.fromisoformat(metadata["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=50) < left <= timedelta(hours=24)


def test_the_provider_is_asked_once(worker: Worker) -> None:
    worker.source.answer(film(b"the film"))
    assert order(worker).json() == order(worker).json()
    (asked,) = worker.source.requests
    assert asked.headers["Host"] == "www.dropbox.com"
    assert asked.path == "/scl/fi/abc/film.mp4?rlkey=k&dl=1"
    assert "X-R2-FETCH-TOKEN" not in asked.headers


def test_a_refusal_is_json_and_stores_nothing(worker: Worker) -> None:
    page = Answer(body=b"<!doctype html>", headers={"Content-Type": "text/html"})
    worker.source.answer(page)
    refusals: list[tuple[requests.Response, int]] = [
        (order(worker, token="wrong"), 401),
        (order(worker, source_url="https://dropbox.com.evil.example/x"), 403),
        (order(worker), 422),
    ]
    for answer, status in refusals:
        body: dict[str, Any] = answer.json()
        assert (answer.status_code, body["success"], set(body)) == (
            status,
            False,
            {"success", "error"},
        )
    assert worker.stored(KEY) is None
    assert len(worker.source.requests) == 1


def test_an_object_is_gone_after_its_time(make_worker: MakeWorker) -> None:
    worker = make_worker(EXPIRES_HOURS="0.0001")  # a third of a second
    worker.source.answer(film(b"the film"))
    assert order(worker).status_code == 200
    expires_at = datetime.fromisoformat(worker.metadata(KEY)["expires_at"])
    while datetime.now(UTC) <= expires_at:
        assert worker.stored(KEY) is not None
    worker.clean_up()
    assert worker.stored(KEY) is None


def test_a_worker_that_was_stopped_answers_again(make_worker: MakeWorker) -> None:
    worker = make_worker()
    worker.source.answer(film(b"the film"))
    worker.stop()
    with pytest.raises(requests.ConnectionError):
        order(worker)
    worker.start()
    assert order(worker).status_code == 200
