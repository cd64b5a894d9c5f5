"""Moments as pages write them."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone


def moment(at: datetime) -> str:
    """In the language and by the clock of who reads it."""
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")
