"""The life of a mail, as its page tells it: from its arrival to its mark in the mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.wording import translated
from polling.models import Mail, MailState
from webhooks.life import Life
from webhooks.link_files import LinkFile
from webhooks.models import State


@dataclass(frozen=True, kw_only=True)
class Event:
    """at None: it is so now, or still to come. link: where something is."""

    at: datetime | None
    text: str
    why: str = ""
    link: str = ""


def story(mail: Mail, lives: Sequence[Life], held_back: bool) -> list[Event]:
    """In the order in which it came to pass."""
    past = [*_arrival(mail), *_outcome(mail, lives)]
    for life in lives:
        past += _delivery(life)
    past += dict.fromkeys(event for life in lives for event in map(_file, life.files))
    if mail.state == MailState.SETTLED and mail.message_id:
        past.append(Event(at=mail.settled_at, text=_("Marked as settled in the mailbox.")))
    events = [event for event in past if event.at is not None]
    events.sort(key=lambda event: event.at.timestamp() if event.at else 0.0)
    return [*events, *(event for event in past if event.at is None), *_now(mail, lives, held_back)]


def _arrival(mail: Mail) -> list[Event]:
    facts = {"mailbox": mail.mailbox.name, "uid": mail.uid}
    found = Event(at=mail.seen_at, text=_("Found in mailbox %(mailbox)s, as UID %(uid)d.") % facts)
    if mail.received_at is None:
        return [found]
    return [Event(at=mail.received_at, text=_("Arrived at the mail server.")), found]


def _outcome(mail: Mail, lives: Sequence[Life]) -> list[Event]:
    state = MailState(mail.state)
    if state is MailState.IGNORED:
        reason = _("Not relayed, because %(reason)s.") % {"reason": mail.get_reason_display()}
        return [Event(at=mail.seen_at, text=reason)]
    if state is MailState.GONE:
        return [Event(at=mail.seen_at, text=_("It vanished before it was read."))]
    if state is MailState.SETTLED and not mail.message_id:
        text = _("Another poller, with a database of its own, had settled it.")
        return [Event(at=mail.settled_at or mail.seen_at, text=text)]
    if state is MailState.FAILED:
        text = ngettext(
            "It could not be read yet, in %d try of its own.",
            "It could not be read yet, in %d tries of its own.",
            mail.tries,
        )
        return [Event(at=None, text=text % mail.tries, why=translated(mail.fault))]
    if state is MailState.QUARANTINED:
        text = _("It could not be read in %d tries, and is left alone until somebody acts.")
        return [Event(at=None, text=text % mail.tries, why=translated(mail.fault))]
    if not lives:
        return [Event(at=None, text=_("Its deliveries are not in the journal any more."))]
    return []


def _delivery(life: Life) -> list[Event]:
    row = life.delivery
    to = {"endpoint": row.endpoint}
    began = Event(at=row.created_at, text=_("Queued for endpoint %(endpoint)s.") % to)
    if life.waits:
        return [began]
    ended = {
        State.DELIVERED: _("Endpoint %(endpoint)s has it."),
        State.DEAD: _("Given up for endpoint %(endpoint)s: it waits for a person."),
        State.CANCELLED: _("Cancelled for endpoint %(endpoint)s."),
    }[State(row.state)]
    return [began, Event(at=life.ended_at, text=ended % to, why=_why(life))]


def _file(file: LinkFile) -> Event:
    facts = {"name": file.name, "link": file.link}
    if not file.r2_url:
        text = _("The files of %(link)s were not transferred to R2.")
        return Event(at=file.at, text=text % facts, why=translated(file.why))
    if file.earlier:
        text = _("%(name)s, the files of %(link)s, was in R2 already.")
    else:
        text = _("%(name)s, the files of %(link)s, was transferred to R2.")
    return Event(at=file.at, text=text % facts, link=file.r2_url)


def _why(life: Life) -> str:
    reason = translated(life.delivery.reason)
    return f"{reason}. {life.meaning}" if life.meaning else reason


def _now(mail: Mail, lives: Sequence[Life], held_back: bool) -> list[Event]:
    waiting = [life for life in lives if life.waits]
    if waiting and held_back:
        text = _("Held until the mailbox can be asked whether another poller has sent it.")
        return [Event(at=None, text=text)]
    if lives and not waiting and mail.state == MailState.RELAYED:
        return [Event(at=None, text=_("Its mark in the mailbox is still to come."))]
    return [
        Event(
            at=None,
            text=_("Endpoint %(endpoint)s: %(standing)s.")
            % {"endpoint": life.delivery.endpoint, "standing": life.standing},
        )
        for life in waiting
    ]
