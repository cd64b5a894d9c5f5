"""Whatever becomes of the files, the webhook leaves on time."""

from __future__ import annotations

import logging
import time

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from django.utils import timezone

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.servers.fake_worker import answering, store, store_after, stored_at
from tests.servers.ports import HOST, free_port
from tests.webhooks.files import FOLDER, SMASH, delivered, enqueue, key, links_of, smash
from tests.webhooks.relay import Relay
from webhooks import offload, preparation, transfers
from webhooks.models import Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("r2")]


TROUBLES: dict[str, tuple[Answer, str]] = {
    "hang": (HANG, "no answer within 0.4 s"),
    "slow": (Answer(delay=30), "no answer within 0.4 s"),
    "unauthorised": (answering(401, success=False, error="bad token"), "HTTP 401: bad token"),
    "too many": (answering(429, success=False, error="slow down"), "HTTP 429: slow down"),
    "quota": (answering(507, success=False, error="bucket is full"), "HTTP 507: bucket is full"),
    "no url": (
        answering(success=True),
        "the answer has no r2_url that is an https URL at the host of R2_PUBLIC_BASE_URL",
    ),
    "script": (
        answering(success=True, r2_url="javascript:alert(1)"),
        "the answer has no r2_url that is an https URL at the host of R2_PUBLIC_BASE_URL",
    ),
    "page": (Answer(body=b"<html></html>"), "HTTP 200: the answer is no JSON object"),
    "garbage": (Answer(body=b"\x00\xff{{"), "HTTP 200: the answer is no JSON object"),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_the_worker_does_the_webhook_leaves_in_time(
    relay: Relay,
    endpoint: Endpoint,
    r2: Endpoint,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    answer, error = TROUBLES[trouble]
    r2.answer(answer)
    enqueue("a", links=(SMASH,))
    begun = time.monotonic()
    relay.until(delivered)
    assert time.monotonic() - begun < 3
    (request,) = endpoint.requests
    assert links_of(request) == [
        {"provider": "fromsmash", "raw_url": SMASH.raw_url, "direct_url": None}
    ]
    line = f"R2_TRANSFER: failed url={SMASH.raw_url} error={error} (fallback to source URLs)"
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert warnings == [line]
    assert Transfer.objects.get().last_error == error


def test_a_worker_that_is_down_does_not_keep_it(
    relay: Relay, endpoint: Endpoint, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.R2_FETCH_ENDPOINT = f"http://{HOST}:{free_port()}"
    enqueue("a")
    relay.until(delivered)
    assert all("r2_url" not in link for link in links_of(endpoint.requests[0]))
    assert caplog.text.count("R2_TRANSFER: failed url=https://") == 2
    assert "s3cret" not in caplog.text


@pytest.mark.usefixtures("quick")
def test_one_link_that_fails_does_not_take_the_others_along(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(lambda r: HANG if r.json["provider"] == "fromsmash" else store(r))
    enqueue("a")
    relay.until(delivered)
    folder, smashed = links_of(endpoint.requests[0])
    assert folder["r2_url"] == stored_at(key(FOLDER))
    assert "r2_url" not in smashed


def test_a_link_that_failed_is_asked_for_again_by_the_next_mail(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(Answer(status=500))
    enqueue("a", links=(SMASH,))
    relay.until(delivered)
    r2.answer(store)
    enqueue("b", links=(SMASH,))
    relay.until(lambda: delivered(2))
    assert ["r2_url" in links_of(request)[0] for request in endpoint.requests] == [False, True]


def test_slow_transfers_do_not_keep_deliveries_that_have_none(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    """More of them than there are threads for anything."""
    r2.answer(HANG)
    for number in range(100):
        enqueue(f"slow-{number}", links=(smash(number),))
    relay.dispatcher.step(timezone.now())
    enqueue(*[f"plain-{number}" for number in range(30)], links=())
    begun = time.monotonic()
    relay.until(lambda: delivered(30))
    assert time.monotonic() - begun < 3
    assert all(not links_of(request) for request in endpoint.requests)


@pytest.mark.usefixtures("quick")
def test_a_worker_that_hangs_does_not_make_a_queue(
    relay: Relay, endpoint: Endpoint, r2: Endpoint
) -> None:
    r2.answer(HANG)
    for number in range(200):
        enqueue(f"slow-{number}", links=(smash(number),))
    relay.until(lambda: delivered(200), 20)
    assert len(r2.requests) < 100


def test_however_many_links_it_has_a_mail_waits_for_the_longest_time_only(
    relay: Relay, endpoint: Endpoint, r2: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offload, "LONGEST_SECONDS", 2.0)
    r2.answer(store_after(lambda _: 1.2))
    enqueue("a", links=tuple(smash(number) for number in range(40)))
    begun = time.monotonic()
    relay.until(delivered)
    assert time.monotonic() - begun < 4
    assert ["r2_url" in link for link in links_of(endpoint.requests[0])].count(True) == 8


def test_a_transfer_that_cannot_be_remembered_counts_all_the_same(
    relay: Relay,
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> None:
        raise DatabaseError("value too long")

    monkeypatch.setattr(transfers, "remember", fails)
    enqueue("a")
    relay.until(delivered)
    assert all("r2_url" in link for link in links_of(endpoint.requests[0]))
    assert "transfers are not remembered: value too long" in caplog.text


def test_a_body_that_cannot_be_written_now_is_written_later(
    relay: Relay, endpoint: Endpoint, r2: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = preparation.freeze

    def fails(*_: object) -> bool:
        raise DatabaseError("the database is locked")

    monkeypatch.setattr(preparation, "freeze", fails)
    enqueue("a", links=(SMASH,))
    with pytest.raises(DatabaseError):
        relay.until(delivered)
    monkeypatch.setattr(preparation, "freeze", real)
    relay.until(delivered)
    assert "r2_url" in links_of(endpoint.requests[0])[0]
    assert len(r2.requests) == 1
