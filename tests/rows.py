"""A row of what tests/journal.py does not make, for pages that show one."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group

from configstore.models import Revision
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.trouble import Channel, Kind
from webhooks.models import EndpointState, Transfer


def one_of_each(now: datetime) -> None:
    Group.objects.get_or_create(name="Team")
    EndpointState.objects.create(
        endpoint="sales", fingerprint="0" * 16, failures=3, failing_since=now, last_error="HTTP 503"
    )
    Transfer.objects.create(
        digest="0" * 64, source="https://www.dropbox.com/scl/fi/1/Lot-1.zip", provider="dropbox",
        object_key="dropbox/1/2/file", bucket="deliveries", transferred_at=now,
        r2_url="https://files.example.org/dropbox/1/2/file",
    )  # fmt: skip
    alert = Alert.objects.create(kind=Kind.FAILING, endpoint="sales", since=now, told_at=now)
    Notice.objects.create(
        alert=alert, kind=Kind.FAILING, channel=Channel.MAIL, webhook_id="0" * 32, count=1,
        sentence="The endpoint sales fails.", created_at=now, told_at=now,
    )  # fmt: skip
    for number in range(2):
        Revision.objects.create(
            document="webhook_config", saved_at=now, author="ada", action="changed",
            before={"webhook_ssl_verify": bool(number)}, after={"webhook_ssl_verify": not number},
            stores="Redis",
        )  # fmt: skip
