"""What the page of a protocol log says while nothing is in it: what is to come, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from configstore.documents import PollingConfig
from configstore.moments import moment
from configstore.wording import translated
from polling.holders import Holder
from polling.news import IDLE_SECONDS
from polling.schedule import next_change, standing_down
from polling.starting import how_to_start


def why_quiet(since: datetime, config: PollingConfig, holder: Holder, now: datetime) -> str:
    """since: from when on the protocol is logged."""
    if reason := standing_down(config, now):
        facts = {"reason": translated(reason)}
        until = next_change(config, now)
        if until is None:
            return _("Nothing is said now: %(reason)s.") % facts
        return _("Nothing is said now: %(reason)s. It goes on at %(moment)s.") % {
            **facts, "moment": moment(until),
        }  # fmt: skip
    if not (holder.fields or holder.degraded):
        return _("Nothing is said: no process holds the lock of this mailbox. %(start)s") % {
            "start": how_to_start()
        }
    due = since + _longest_silence(config)
    text = (
        _("Logged since %(since)s, and nothing was said yet. Each command to the mail server and "
          "each of its answers comes here; the next one is due by %(due)s.")
        if now <= due
        else _("Logged since %(since)s, and nothing was said, although a sign of life was due by "
               "%(due)s: look into the log of the poller.")
    )  # fmt: skip
    return text % {"since": moment(since), "due": moment(due)}


def _longest_silence(config: PollingConfig) -> timedelta:
    """A connection is proved alive that often; then its answer may take its time."""
    rest = max(IDLE_SECONDS, float(config.interval_seconds))
    return timedelta(seconds=rest + settings.IMAP_TIMEOUT_SECONDS)
