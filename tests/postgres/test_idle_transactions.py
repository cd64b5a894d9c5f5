"""A transaction of a process that stands still: PostgreSQL ends it, whatever was its last word."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from runtime.transactions import execute_many
from tests.webhooks.examples import enqueue
from webhooks.models import Delivery

pytestmark = pytest.mark.usefixtures("committed_database")


def one() -> None:
    Delivery.objects.update(subject="x")


def many() -> None:
    names = Delivery.objects.values_list("id")
    execute_many("UPDATE webhooks_delivery SET subject = 'x' WHERE id = %s", [*names])


@pytest.mark.parametrize("write", [one, many])
def test_it_ends_and_nothing_of_it_stays(write: Callable[[], None]) -> None:
    enqueue("a", "b")
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 200")
    with pytest.raises(DatabaseError), transaction.atomic():
        write()
        time.sleep(1)
        enqueue("c")
    connection.close()
    assert {*Delivery.objects.values_list("subject", flat=True)} != {"x"}
    assert Delivery.objects.count() == 2
