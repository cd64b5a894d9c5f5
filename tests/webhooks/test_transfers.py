"""What is remembered of transfers."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import LazySettings

from tests.webhooks.examples import NOW, after
from webhooks import transfers
from webhooks.models import Transfer
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched

pytestmark = pytest.mark.django_db
SOURCE = Source(provider="dropbox", url="https://www.dropbox.com/scl/fo/a/b?rlkey=s3cret&dl=1")
OTHER = Source(provider="fromsmash", url="https://fromsmash.com/abc")
STORED = Fetched(source=SOURCE, r2_url="https://files.example.org/a", original_filename="a.zip")
FAILED = Fetched(source=SOURCE, error="HTTP 507: quota is used up")
HOUR = 3600


@pytest.fixture(autouse=True)
def enabled(settings: LazySettings) -> None:
    settings.R2_PUBLIC_BASE_URL = "https://files.example.org"
    settings.R2_BUCKET_NAME = "deliveries"


def reusable(at: datetime = NOW) -> dict[str, Fetched]:
    return transfers.reusable([SOURCE, OTHER], at)


def test_what_was_stored_is_used_again() -> None:
    transfers.remember([STORED], NOW)
    assert reusable() == {SOURCE.digest: STORED}


def test_a_link_has_one_row_however_often_it_is_transferred() -> None:
    transfers.remember([FAILED], NOW)
    transfers.remember([STORED, STORED], NOW)
    row = Transfer.objects.get()
    assert (row.r2_url, row.transferred_at, row.last_error) == (STORED.r2_url, NOW, "")
    assert (row.object_key, row.bucket) == (SOURCE.object_key, "deliveries")


def test_what_is_secret_in_the_link_is_not_kept() -> None:
    transfers.remember([STORED], NOW)
    (row,) = Transfer.objects.values()
    assert row["source"] == "https://www.dropbox.com/scl/fo/a/b?…"
    assert "s3cret" not in str(row)


def test_a_failure_is_kept_and_not_used() -> None:
    transfers.remember([FAILED], NOW)
    row = Transfer.objects.get()
    assert (row.last_error, row.failed_at) == ("HTTP 507: quota is used up", NOW)
    assert reusable() == {}


def test_a_failure_does_not_take_back_what_was_stored() -> None:
    transfers.remember([STORED], NOW)
    transfers.remember([FAILED], after(60))
    assert reusable() == {SOURCE.digest: STORED}


def test_what_may_have_expired_is_not_used_again() -> None:
    transfers.remember([STORED], NOW)
    assert reusable(after(11 * HOUR))
    assert not reusable(after(13 * HOUR))
    transfers.remember([STORED], after(13 * HOUR))
    assert reusable(after(14 * HOUR))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("R2_BUCKET_NAME", "other"), ("R2_PUBLIC_BASE_URL", "https://elsewhere.example")],
)
def test_what_lies_elsewhere_by_now_is_not_used(
    settings: LazySettings, setting: str, value: str
) -> None:
    transfers.remember([STORED], NOW)
    setattr(settings, setting, value)
    assert reusable() == {}


def test_how_often_it_was_used_again_is_counted() -> None:
    transfers.remember([STORED, Fetched(source=OTHER, error="x")], NOW)
    for _ in range(2):
        transfers.note_reuse([SOURCE.digest])
    assert Transfer.objects.get(digest=SOURCE.digest).reused == 2
    assert Transfer.objects.get(digest=OTHER.digest).reused == 0
