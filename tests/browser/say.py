"""Adds what it is given to the protocol log of the web process beside it, as a poller does."""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from polling.models import ProtocolLine, ProtocolLog  # noqa: E402

log = ProtocolLog.objects.get()
now = timezone.now()
ProtocolLine.objects.bulk_create(
    ProtocolLine(log=log, at=now, side="received", text=text) for text in sys.argv[1:]
)
