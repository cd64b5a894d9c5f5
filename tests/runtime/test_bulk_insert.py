"""Rows that are written by one statement, on each database as QuerySet.bulk_create does it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError
from django.forms import model_to_dict

from polling.models import Mail, MailboxState, MailState
from runtime.bulk_insert import insert
from webhooks.models import Attempt, Delivery, SearchKey, State

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 29, 1, 30, 15, 123456, tzinfo=UTC)
KEY = ("mailbox", "uidvalidity", "uid")


def delivery(name: str, **fields: Any) -> Delivery:
    return Delivery(
        message_id=name,
        webhook_id=f"msg_{name}",
        endpoint="default",
        source="default",
        sender_email="a@example.com",
        payload='{"subject":"é%s"}',
        created_at=NOW,
        due_at=NOW,
        **fields,
    )


def mail(uid: int, **fields: Any) -> Mail:
    mailbox, _ = MailboxState.objects.get_or_create(name="default", identity="a")
    fields = {"state": MailState.FAILED, "seen_at": NOW} | fields
    return Mail(mailbox=mailbox, uidvalidity=1, uid=uid, **fields)


def without_key(row: Any) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value for name, value in values.items() if name != "id"}


def test_rows_are_read_as_bulk_create_writes_them() -> None:
    fields = {"token": uuid.uuid4(), "outage_mark": 1.5, "tried_at": NOW, "offload": True}
    insert([delivery("a", **fields), delivery("b")])
    Delivery.objects.bulk_create([delivery("c", **fields), delivery("d")])
    a, b, c, d = (without_key(row) for row in Delivery.objects.order_by("message_id"))
    names = {"message_id": "", "webhook_id": ""}
    assert (a | names, b | names) == (c | names, d | names)
    assert a["state"] == State.QUEUED
    assert a["token"] == fields["token"]


def test_rows_of_another_one_are_written_with_its_key() -> None:
    insert([delivery("a")])
    row = Delivery.objects.get()
    insert([Attempt(delivery_id=row.pk, number=1, token=uuid.uuid4(), started_at=NOW)])
    assert model_to_dict(Attempt.objects.get())["delivery"] == row.pk


def test_nothing_is_written_for_no_rows() -> None:
    insert([])
    assert not SearchKey.objects.exists()


def test_a_row_that_exists_is_an_error() -> None:
    insert([SearchKey(message_id="a", key="b")])
    with pytest.raises(IntegrityError):
        insert([SearchKey(message_id="a", key="b")])


def test_a_row_that_exists_is_left_alone_if_that_is_asked() -> None:
    insert([delivery("a", subject="first")])
    insert([delivery("a", subject="second"), delivery("b")], ignore_conflicts=True)
    assert [*Delivery.objects.order_by("id").values_list("message_id", "subject")] == [
        ("a", "first"),
        ("b", ""),
    ]


def test_of_a_row_that_exists_the_named_fields_are_written_anew() -> None:
    insert([mail(1, tries=3, subject="?")])
    again = mail(1, state=MailState.RELAYED, subject="Hello", tries=0)
    insert([again, mail(2)], update=("state", "subject"), unique=KEY)
    found = Mail.objects.order_by("uid").values_list("uid", "state", "subject", "tries")
    assert [*found] == [(1, "relayed", "Hello", 3), (2, "failed", "", 0)]
