"""Which processes are at work, and whether they search the mailboxes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from polling.accounts import DEFAULT
from polling.holders import holders
from polling.lock_value import in_short, place_of
from polling.roster import LATE_SECONDS, Roster
from polling.starting import how_to_start
from render_signal.doctor.finding import Finding, green, red, yellow
from runtime.redis import REDIS_ERRORS, redis_client


def signed_in() -> dict[str, float] | None:
    """The pollers and how many seconds ago each was heard of; None if nobody can tell."""
    client = redis_client()
    if client is None:
        return None
    try:
        return Roster(client).signed_in()
    except REDIS_ERRORS:
        return None


def pollers() -> Iterator[Finding]:
    signed = signed_in()
    if signed is None:
        yield _by_file()
        return
    if not signed:
        yield _nobody()
        return
    places = {place_of(process) for process in signed}
    found = ngettext("%(count)d poller is at work.", "%(count)d pollers are at work.", len(signed))
    found %= {"count": len(signed)}
    if len(places) > 1:
        found += " " + _("They are in %(count)d containers.") % {"count": len(places)}
    yield green(found)
    for process, seconds in signed.items():
        if seconds > LATE_SECONDS:
            yield yellow(
                _("The poller %(process)s has not been heard of for %(seconds).0f s.")
                % {"process": in_short(process), "seconds": seconds},
                _("It may be frozen: look at its log and its load."),
            )


def _by_file() -> Finding:
    """Without Redis nobody signs in."""
    found = holders([DEFAULT])[DEFAULT]
    fields = found.fields
    if found.unknown:
        return yellow(
            _("Redis cannot be asked who is at work, and on this machine nobody is."),
            _("Look at the logs of the other containers."),
        )
    if not fields:
        return _nobody()
    holder = " ".join(f"{key}={fields.get(key, '?')}" for key in ("pid", "host"))
    return green(_("A poller is at work on this machine (%(holder)s).") % {"holder": holder})


def _nobody() -> Finding:
    return red(
        _("No poller is at work: no mail is read and nothing is sent."),
        how_to_start(),
    )
