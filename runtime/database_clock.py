"""The clock by which deliveries are due and claims lapse: one for all who share a database."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from runtime.clock import boot_time

ASK_SECONDS = 30.0


class DatabaseClock:
    """The time of a PostgreSQL, which is asked twice a minute: a machine whose calendar is ahead
    must not take from the others what they are sending. A SQLite belongs to one machine, and its
    calendar is the clock."""

    def __init__(self) -> None:
        # What the database said last, and when by our own boot time.
        self._said: tuple[datetime, float] | None = None

    def forget(self) -> None:
        """What was said: the database is another one from now on."""
        self._said = None

    def now(self) -> datetime:
        """Raises DatabaseError."""
        said = self._said
        stale = said is None or boot_time() - said[1] >= ASK_SECONDS
        if stale and connection.vendor != "sqlite":
            self._said = _asked(), boot_time()
        return self.known()

    def known(self) -> datetime:
        """Without a question: for threads without a connection, and when the database is away."""
        if self._said is None:
            return timezone.now()
        moment, at = self._said
        return moment + timedelta(seconds=boot_time() - at)


def _asked() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


database_clock = DatabaseClock()
