"""Several claim at once, on the database as the product has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest
from django.db import connection, transaction

from tests.webhooks.examples import NOW, claim, endpoint, enqueue, link
from webhooks import preparation
from webhooks.models import Attempt, Delivery, State
from webhooks.outbox import Claim
from webhooks.preparation import Unprepared

pytestmark = pytest.mark.usefixtures("committed_database")


Take = Callable[[int], Iterable[Claim | Unprepared]]


def claim_all_in_threads(threads: int, each: int, take: Take = claim) -> list[list[str]]:
    start = threading.Barrier(threads)
    shares: list[list[str]] = [[] for _ in range(threads)]

    def work(share: list[str]) -> None:
        start.wait()
        while taken := take(each):
            share += [got.message_id for got in taken]
        connection.close()

    workers = [threading.Thread(target=work, args=(share,)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return shares


def test_threads_that_claim_together_never_share_a_delivery() -> None:
    names = [f"mail-{number}" for number in range(60)]
    enqueue(*names)
    shares = claim_all_in_threads(4, 2)
    assert sorted(name for share in shares for name in share) == sorted(names)
    assert Attempt.objects.count() == 60


def test_threads_that_prepare_together_never_share_a_delivery() -> None:
    names = [f"mail-{number}" for number in range(60)]
    enqueue(*names, links=(link(),))
    shares = claim_all_in_threads(4, 2, lambda each: preparation.take(endpoint(), each, NOW))
    assert sorted(name for share in shares for name in share) == sorted(names)


def test_all_deliveries_of_a_claim_that_failed_still_wait(committed_database: str) -> None:
    enqueue("a", "b")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        claim()
        _ = 1 // 0
    assert Delivery.objects.filter(state=State.QUEUED).count() == 2
    assert not Attempt.objects.exists()


def test_threads_that_queue_the_same_message_queue_it_once() -> None:
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        enqueue("a", "b", at=NOW)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Delivery.objects.count() == 2
