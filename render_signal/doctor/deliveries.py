"""What /health says of searches, deliveries and rules, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.declared import config_store
from configstore.naming import mailbox_names
from configstore.wording import translated
from polling.accounts import NotSetUp, find_account
from polling.models import Mail, MailState
from polling.starting import how_to_start
from render_signal.doctor.finding import Finding, green, red, sentence, yellow
from render_signal.health import parts
from render_signal.parts import DATABASE_AWAY, FAILED, OK, SAID, Part, part_name
from webhooks import journal


def searches() -> Iterator[Finding]:
    names = [name for name in mailbox_names(config_store()) if _is_set_up(name)]
    if not names:
        yield green(_("There is no mailbox to be searched."))
        return
    found = parts()
    for name in names:
        part = found.get(part_name("mailbox", name), {"status": OK})
        if part.get("detail") == DATABASE_AWAY["detail"]:
            raise DatabaseError
        seconds = part.get("seconds_since_search")
        detail = translated(part.get(SAID) or part.get("detail", ""))
        if part["status"] == OK and seconds is not None:
            facts = {"name": name, "seconds": seconds}
            yield green(_("Mailbox %(name)s was searched %(seconds)d s ago.") % facts)
            continue
        facts = {"name": name, "reason": detail or part["status"]}
        yield _told(
            part,
            sentence(_("Mailbox %(name)s: %(reason)s") % facts),
            how_to_start(),
        )


def _is_set_up(name: str) -> bool:
    try:
        find_account(config_store(), name)
    except NotSetUp:  # told by the examination of the mailbox
        return False
    return True


def deliveries() -> Iterator[Finding]:
    """What holds an endpoint is told by its own examination, unless something waits for it."""
    yield from _dead()
    yield from _quarantined()
    for name, part in parts().items():
        kind = name.partition(":")[0]
        if part["status"] == OK or kind not in ("deliveries", "routing"):
            continue
        if kind == "deliveries" and not part.get("waiting"):
            continue
        reason = translated(str(part.get("detail") or part.get("endpoint") or ""))
        told = sentence(f"{name}: {reason}") if reason else _overdue(name, part)
        yield _told(part, told, _("The journal in the admin says what each one waits for."))


def _overdue(name: str, part: Part) -> str:
    facts = {"name": name, "count": part.get("waiting", 0)}
    return _("%(name)s: %(count)d wait, some of them for too long.") % facts


def _told(part: Part, told: str, advice: str) -> Finding:
    if part["status"] == OK:
        return green(told)
    return (red if part["status"] == FAILED else yellow)(told, advice)


def _dead() -> Iterator[Finding]:
    if count := journal.dead_count():
        yield yellow(
            ngettext("%(count)d delivery is dead.", "%(count)d deliveries are dead.", count)
            % {"count": count},
            _("Send them again in the journal, or remove them with `manage.py prunejournal`."),
        )
        return
    waiting = {"count": journal.waiting_count()}
    yield green(_("No delivery is dead; waiting: %(count)d.") % waiting)


def _quarantined() -> Iterator[Finding]:
    if count := Mail.objects.filter(state=MailState.QUARANTINED).count():
        yield yellow(
            ngettext(
                "%(count)d mail could not be read.", "%(count)d mails could not be read.", count
            )
            % {"count": count},
            _("Have them read again in the list of mails, or look at them there."),
        )
