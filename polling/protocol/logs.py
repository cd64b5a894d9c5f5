"""How what recorders have heard gets into the database, from which the web page reads it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from polling.protocol.models import ProtocolLine, ProtocolLog
from polling.protocol.recorder import MOST_LINES, RECORDERS, Recorder
from runtime.connections import drop_connection

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
FORGET_EVERY = timedelta(minutes=10)


class ProtocolLogs:
    """Of one process, and one thread of it. Whoever has the mailbox writes the same rows."""

    def __init__(self) -> None:
        self._kept: dict[str, ProtocolLog] = {}
        self._forget_at: datetime | None = None

    def look(self) -> None:
        """Begin and end what was switched on or off, and write what was said since the last
        look."""
        now = timezone.now()
        try:
            self._write()
            kept = {log.mailbox: log for log in ProtocolLog.objects.filter(until__gt=now)}
            if self._forget_at is None or now >= self._forget_at:
                ProtocolLog.objects.filter(until__lt=now - KEPT).delete()
                self._forget_at = now + FORGET_EVERY
        except DatabaseError as exc:
            logger.warning("The protocol logs cannot be looked after: %s", exc)
            drop_connection()
            kept = {name: log for name, log in self._kept.items() if log.is_kept}
        self._keep(kept)

    def close(self) -> None:
        """Write the last of it, and keep none any more."""
        try:
            self._write()
        except DatabaseError as exc:
            logger.warning("The end of the protocol logs is lost: %s", exc)
            drop_connection()
        self._keep({})

    def _keep(self, kept: dict[str, ProtocolLog]) -> None:
        for name in RECORDERS.keys() - kept.keys():
            del RECORDERS[name]
            logger.info("The protocol of mailbox %s is not logged any more", name)
        for name in kept.keys() - RECORDERS.keys():
            RECORDERS[name] = Recorder()
            logger.info("The protocol of mailbox %s is logged until %s", name, kept[name].until)
        self._kept = kept

    def _write(self) -> None:
        for name, log in self._kept.items():
            if lines := [*RECORDERS[name].take()]:
                rows = [
                    ProtocolLine(log=log, at=line.at, side=line.side, text=line.text)
                    for line in lines
                ]
                ProtocolLine.objects.bulk_create(rows)
                _trim(log)


def _trim(log: ProtocolLog) -> None:
    newest_first = log.lines.order_by("-pk").values_list("pk", flat=True)
    for last in newest_first[MOST_LINES : MOST_LINES + 1]:
        log.lines.filter(pk__lte=last).delete()
