"""Times and durations as the dashboard writes them."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def moment(at: datetime | None) -> str:
    """Of today the time alone."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "TIME_FORMAT" if today else "SHORT_DATETIME_FORMAT")


def seconds(value: float) -> str:
    if value < 0.095:
        return _("%(count)d ms") % {"count": round(value * 1000)}
    places = 1 if value < 100 else 0
    number = formats.number_format(round(value, places), places)
    return _("%(number)s s") % {"number": number}
