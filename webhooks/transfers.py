"""What is remembered of files that the Worker was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from webhooks.models import Transfer
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched, is_stored_here

# What lies in R2 expires, and what a link leads to may change: a link that comes again much
# later is transferred again, to the same place.
REUSE = timedelta(hours=12)


def reusable(sources: Collection[Source], now: datetime) -> dict[str, Fetched]:
    """Of these the ones that are stored already, by their digests."""
    by_digest = {source.digest: source for source in sources}
    rows = Transfer.objects.filter(
        digest__in=by_digest, bucket=settings.R2_BUCKET_NAME, transferred_at__gt=now - REUSE
    )
    return {
        row.digest: Fetched(
            source=by_digest[row.digest],
            r2_url=row.r2_url,
            original_filename=row.original_filename,
        )
        for row in rows
        if is_stored_here(row.r2_url)
    }


def note_reuse(digests: Collection[str]) -> None:
    if digests:
        Transfer.objects.filter(digest__in=digests).update(reused=F("reused") + 1)


def remember(results: Iterable[Fetched], now: datetime) -> None:
    """A failure leaves alone what is known of an earlier success."""
    with transaction.atomic():
        # In one order everywhere: two processes must not wait for each other.
        for result in sorted(results, key=lambda result: result.source.digest):
            Transfer.objects.update_or_create(
                digest=result.source.digest, defaults=_changes(result, now)
            )


def _changes(result: Fetched, now: datetime) -> dict[str, object]:
    source = result.source
    fixed: dict[str, object] = {
        "source": source.masked,
        "provider": source.provider,
        "object_key": source.object_key,
    }
    if not result.r2_url:
        return fixed | {"last_error": result.error[:500], "failed_at": now}
    return fixed | {
        "bucket": settings.R2_BUCKET_NAME,
        "r2_url": result.r2_url,
        "original_filename": result.original_filename,
        "transferred_at": now,
        "last_error": "",
        "failed_at": None,
    }
