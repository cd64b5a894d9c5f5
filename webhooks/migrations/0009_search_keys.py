from __future__ import annotations

import json
from typing import Any

from django.db import migrations, transaction

from webhooks.search import keys_of

BATCH = 500
LINK_FIELDS = ("raw_url", "direct_url", "r2_url")


def fill(apps: Any, schema_editor: Any) -> None:
    """What is in the journal already is found, too. A batch at a time, and each once more if it was
    broken off: an older release goes on with its work meanwhile."""
    Delivery = apps.get_model("webhooks", "Delivery")
    SearchKey = apps.get_model("webhooks", "SearchKey")
    last = 0
    while rows := list(
        Delivery.objects.filter(pk__gt=last).order_by("pk").only("message_id", "payload")[:BATCH]
    ):
        last = rows[-1].pk
        payloads = [(row, json.loads(row.payload)) for row in rows]
        for row, payload in payloads:
            row.sender_email = (payload.get("sender_email") or "")[:500]
        keys = [
            SearchKey(message_id=row.message_id, key=key)
            for row, payload in payloads
            for key in sorted(keys_of(
                payload.get("subject") or "",
                payload.get("sender_address") or payload.get("sender_email") or "",
                (link.get(name) for link in payload.get("delivery_links") or ()
                 for name in LINK_FIELDS),
            ))
        ]
        with transaction.atomic(using=schema_editor.connection.alias):
            Delivery.objects.bulk_update(rows, ["sender_email"], batch_size=100)
            SearchKey.objects.bulk_create(keys, ignore_conflicts=True, batch_size=400)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("webhooks", "0008_journal")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
