"""The lock of each mailbox, and the file that stands in for it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.naming import mailbox_names
from polling.accounts import DEFAULT
from polling.holders import Holder, holders
from polling.lock import FileLock
from polling.starting import how_to_start
from render_signal.doctor.finding import Finding, green, red, yellow
from render_signal.doctor.pollers import signed_in


def lock() -> Iterator[Finding]:
    signed = signed_in()
    for name, holder in holders(mailbox_names(config_store())).items():
        yield _of_mailbox(name, holder, signed)


def _of_mailbox(name: str, holder: Holder, signed: dict[str, float] | None) -> Finding:
    facts = {
        "lock": _("The lock") if name == DEFAULT else _("The lock of %(name)s") % {"name": name},
        "holder": " ".join(f"{key}={holder.fields.get(key, '?')}" for key in ("pid", "host")),
        "since": holder.fields.get("since", "?"),
        "ttl": settings.REDIS_LOCK_TTL_SECONDS,
    }
    if not holder.fields:
        return _free(facts, holder, signed)
    if holder.kind == "file":
        return _in_file(facts, holder)
    if holder.dead:
        return red(
            _("%(lock)s is held by %(holder)s, a process that is dead.") % facts,
            _("Start `manage.py runpoller`: on this machine it takes the lock over at once."),
        )
    if signed is not None and holder.process not in signed:
        return yellow(
            _("%(lock)s is held by %(holder)s, which gives no sign of life.") % facts,
            _("It is frozen or was killed; the lock lapses after %(ttl)d s at most.") % facts,
        )
    return green(_("%(lock)s is in Redis, held by %(holder)s since %(since)s.") % facts)


def _free(facts: dict[str, object], holder: Holder, signed: dict[str, float] | None) -> Finding:
    if holder.kind == "Redis" and signed:
        return yellow(
            _("%(lock)s is held by nobody, although pollers are at work.") % facts,
            _("One of them takes it within seconds: look again."),
        )
    if holder.unknown:
        return yellow(
            _("%(lock)s is not known: Redis cannot be asked, and no file is held here.") % facts,
            _("Mend Redis; until then look at the logs of the other containers."),
        )
    return red(
        _("%(lock)s is held by nobody: no mail is read.") % facts,
        how_to_start(),
    )


def _in_file(facts: dict[str, object], holder: Holder) -> Finding:
    sentence = _("%(lock)s is a file (unsafe for multi-container deployments), held by %(holder)s.")
    if holder.degraded:
        return yellow(
            sentence % facts, _("Mend Redis; the lock is taken there within seconds then.")
        )
    return yellow(sentence % facts, _("Set REDIS_URL before a second container is started."))


def failover() -> Iterator[Finding]:
    """Proven by doing it, beside the lock of the poller."""
    scratch = f"doctor-{secrets.token_hex(4)}"
    first, second = (FileLock(settings.BG_POLLER_LOCK_FILE, scratch) for _number in range(2))
    folder = {"folder": str(first.path.parent)}
    try:
        taken, twice = first.acquire(), second.acquire()
    except OSError as exc:
        yield red(
            _("Without Redis nothing would be read: the lock file cannot be used (%(error)s).")
            % {"error": exc.strerror or type(exc).__name__},
            _("Make %(folder)s writable, or name another file in BG_POLLER_LOCK_FILE.") % folder,
        )
        return
    finally:
        second.release()
        first.release()
        first.path.unlink(missing_ok=True)
    if taken and not twice:
        yield green(_("If Redis fails, the file lock in %(folder)s can be taken, once.") % folder)
        return
    yield red(
        _("Files in %(folder)s cannot be locked: without Redis two would work at once.") % folder,
        _("Put BG_POLLER_LOCK_FILE on a local disk."),
    )
