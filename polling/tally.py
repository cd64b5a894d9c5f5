"""How what this process counts gets into the database, where all processes are added up."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet

from polling.models import Tally
from runtime import counters
from runtime.connections import drop_connection, give_back_connection
from runtime.counters import Series
from runtime.stopping import Stop

logger = logging.getLogger(__name__)
WRITE_SECONDS = 5.0


class TallyWriter:
    """For one thread at a time."""

    def __init__(self) -> None:
        self._known: set[Series] = set()

    def run(self, stop: Stop) -> None:
        """Until the stop; what comes later is for one more write()."""
        while not stop.wait(WRITE_SECONDS):
            self.write()
            give_back_connection()

    def write(self) -> None:
        """Add what was counted since the last time. It is kept for the next if that fails."""
        values = counters.take()
        if not values:
            return
        # Always in the same order: two processes must not wait for each other.
        steps = sorted(values.items())
        try:
            self._create({*values} - self._known)
            with transaction.atomic():
                for series, value in steps:
                    self._add(series, value)
        except DatabaseError as exc:
            counters.put_back(values)
            self._known.clear()
            logger.warning("Metrics are written a little later, the database failed: %s", exc)
            drop_connection()

    def _add(self, series: Series, value: float) -> None:
        """A row that somebody has deleted is made anew."""
        step = {"value": F("value") + value}
        if not _row(series).update(**step):
            self._create({series})
            _row(series).update(**step)

    def _create(self, unknown: Iterable[Series]) -> None:
        rows = [
            Tally(name=series.name, labels=encoded(series), value=0) for series in sorted(unknown)
        ]
        if rows:
            Tally.objects.bulk_create(rows, ignore_conflicts=True)
            self._known.update(unknown)


def encoded(series: Series) -> str:
    return json.dumps(dict(series.labels), ensure_ascii=False, separators=(",", ":"))


def _row(series: Series) -> QuerySet[Tally]:
    return Tally.objects.filter(name=series.name, labels=encoded(series))
