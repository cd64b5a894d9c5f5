"""What leaves the journal beside deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.webhooks.examples import NOW
from webhooks.alerts.models import Alert
from webhooks.alerts.trouble import Kind
from webhooks.models import Transfer
from webhooks.pruning import remove_alerts, remove_transfers

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_alerts_that_have_ended_go_and_those_that_last_stay() -> None:
    for name, cleared_at in {"old": NOW - DAY, "new": NOW, "lasting": None}.items():
        Alert.objects.create(
            kind=Kind.FAILING, endpoint=name, since=NOW - 9 * DAY, cleared_at=cleared_at
        )
    remove_alerts(NOW - DAY / 2)
    assert {*Alert.objects.values_list("endpoint", flat=True)} == {"new", "lasting"}


def test_transfers_that_nobody_has_asked_for_since_go() -> None:
    moments = {
        "old": (NOW - DAY, None),
        "failed long ago": (None, NOW - DAY),
        "stored again": (NOW, NOW - DAY),
        "failed anew": (NOW - DAY, NOW),
    }
    for name, (stored, failed) in moments.items():
        Transfer.objects.create(digest=name, transferred_at=stored, failed_at=failed)
    remove_transfers(NOW - DAY / 2)
    left = {*Transfer.objects.values_list("digest", flat=True)}
    assert left == {"stored again", "failed anew"}
