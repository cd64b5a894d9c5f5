"""What people are told of a trouble, in the language in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.wording import translated
from webhooks.alerts.trouble import Sight
from webhooks.pause import moment_in


def dead(sight: Sight) -> str:
    sentence = ngettext(
        "%(count)d delivery to %(endpoint)s is dead and will not be tried again by itself. The "
        "last reason: %(reason)s In the admin, see Deliveries; when the cause is gone, send again "
        "from there.",
        "%(count)d deliveries to %(endpoint)s are dead and will not be tried again by themselves. "
        "The last reason: %(reason)s In the admin, see Deliveries; when the cause is gone, send "
        "again from there.",
        sight.dead,
    )
    facts = {"count": sight.dead, "endpoint": _name(sight), "reason": _why(sight.dead_reason)}
    return sentence % facts


def failing(sight: Sight, zone: ZoneInfo) -> str:
    facts = {"endpoint": _name(sight), "waiting": _waiting(sight), "count": sight.failures}
    if sight.fault:
        sentence = _(
            "Nothing is sent to %(endpoint)s until somebody acts: %(reason)s Meanwhile "
            "%(waiting)s; nothing is lost. In the admin, see Endpoint states and the page of the "
            "webhook."
        )
        return sentence % (facts | {"reason": _why(sight.fault)})
    facts |= {"endpoint": capfirst(_name(sight)), "reason": _why(sight.error)}
    if sight.failing_since is None:
        failed = _("%(endpoint)s has failed %(count)d times in a row: %(reason)s")
    else:
        facts["moment"] = moment_in(zone, sight.failing_since)
        failed = _("%(endpoint)s has failed %(count)d times in a row since %(moment)s: %(reason)s")
    meanwhile = _(
        "Meanwhile %(waiting)s; nothing is lost, and all leave when it answers again. Check the "
        "receiver; in the admin, see Endpoint states."
    )
    return f"{failed % facts} {meanwhile % facts}"


def overdue(sight: Sight, age: timedelta) -> str:
    sentence = _(
        "A delivery to %(endpoint)s has waited for %(minutes)d minutes, although nothing that was "
        "asked for holds it; %(waiting)s."
    ) % {
        "endpoint": _name(sight),
        "minutes": age.total_seconds() // 60,
        "waiting": _waiting(sight),
    }
    if known := sight.hold or sight.error:
        sentence += " " + _("What is known: %(reason)s") % {"reason": _why(known)}
    return sentence + " " + _("In the admin, see Deliveries and Endpoint states.")


def recovered(sight: Sight, since: datetime, zone: ZoneInfo) -> str:
    sentence = _(
        "%(endpoint)s takes deliveries again. It had been failing since %(moment)s. Nothing needs "
        "to be done."
    ) % {"endpoint": capfirst(_name(sight)), "moment": moment_in(zone, since)}
    if sight.waiting:
        rest = ngettext(
            "%(count)d delivery will leave now.",
            "%(count)d deliveries will leave now.",
            sight.waiting,
        )
        sentence += " " + rest % {"count": sight.waiting}
    return sentence


def _name(sight: Sight) -> str:
    facts = {"name": sight.endpoint, "host": sight.host}
    return (_("endpoint %(name)s (%(host)s)") if sight.host else _("endpoint %(name)s")) % facts


def _waiting(sight: Sight) -> str:
    if not sight.waiting:
        return _("nothing waits")
    return ngettext("%(count)d delivery waits", "%(count)d deliveries wait", sight.waiting) % {
        "count": sight.waiting
    }


def _why(reason: str) -> str:
    """A sentence of its own."""
    known = translated(reason).rstrip(". ") or _("unknown")
    return f"{known}."
