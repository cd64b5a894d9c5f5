"""Who holds the lock of a mailbox, in the language of who reads it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from configstore.moments import moment
from polling.holders import Holder


def lock_words(holder: Holder) -> str:
    if holder.unknown:
        return _("not known: Redis cannot be asked")
    if not holder.fields:
        return _("nobody holds it: is runpoller running?")
    who = _who(holder.fields)
    return who if holder.kind == "Redis" else _("%(who)s (file lock)") % {"who": who}


def _who(fields: Mapping[str, str]) -> str:
    who = _("process %(pid)s on %(host)s") % {
        "pid": fields.get("pid", "?"),
        "host": fields.get("host", "?"),
    }
    try:
        since = parse_datetime(fields.get("since", ""))
    except ValueError:  # written by somebody else
        since = None
    if since is None:
        return who
    return _("%(who)s since %(moment)s") % {"who": who, "moment": moment(since)}
