"""For how long a certificate that was checked is good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from render_signal.doctor.finding import Finding, green, yellow

SOON = timedelta(days=14)


def ending(host: str, ends: datetime) -> Finding:
    facts = {"host": host, "day": f"{ends:%Y-%m-%d}"}
    if ends - timezone.now() > SOON:
        return green(_("The certificate of %(host)s is trusted, until %(day)s.") % facts)
    return yellow(
        _("The certificate of %(host)s ends on %(day)s.") % facts,
        _("Have it renewed by whoever runs %(host)s.") % facts,
    )
