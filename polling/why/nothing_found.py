"""What it can mean that no mail is found, for each mailbox as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.documents import PollingConfig
from configstore.moments import moment
from configstore.wording import translated
from polling.holders import Holder
from polling.models import MailboxState
from polling.schedule import next_change, standing_down
from polling.starting import how_to_start
from polling.why.steps import Step, mailbox_page, state_page

# A mailbox whose server says nothing is searched every two minutes.
SILENT = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Box:
    """One mailbox now. lacks: why it cannot be served as it is described. state is what is
    remembered of that account, None if it was never reached."""

    name: str
    folder: str = "INBOX"
    lacks: str = ""
    config: PollingConfig | None = None
    state: MailboxState | None = None
    holder: Holder | None = None


def nothing_found(boxes: Sequence[Box], now: datetime, days: int) -> list[Step]:
    """days: how far back a mailbox is read when nothing is remembered of it."""
    steps: list[Step] = []
    served = []
    for box in boxes:
        hindrance = _hindrance(box, now)
        steps += [hindrance] if hindrance else []
        served += [] if hindrance else [box]
    return [*steps, *_served(served), *_limits(boxes, days)]


def _hindrance(box: Box, now: datetime) -> Step | None:
    """Why the mail may be there and not here."""
    facts = {"mailbox": box.name}
    if box.lacks:
        text = _("Mailbox %(mailbox)s is not served. %(reason)s.")
        reason = translated(box.lacks).rstrip(".")
        return Step(text=text % {**facts, "reason": reason}, link=mailbox_page(box.name))
    if box.config and (reason := standing_down(box.config, now)):
        return _standing_down(box, box.config, reason, now)
    state = box.state
    if state is not None and state.trouble and not state.served:
        return _trouble(state)
    if box.holder is not None and not (box.holder.fields or box.holder.unknown):
        text = _("Nobody reads mailbox %(mailbox)s: no process holds its lock. %(start)s")
        facts["start"] = how_to_start()
        return Step(text=text % facts, link=state_page(state.pk) if state else None)
    if state is None or state.searched_at is None:
        text = _("Mailbox %(mailbox)s was never searched yet; wait a moment, then look again.")
        return Step(text=text % facts, link=mailbox_page(box.name))
    return _behind(state, now)


def _standing_down(box: Box, config: PollingConfig, reason: str, now: datetime) -> Step:
    facts = {"mailbox": box.name, "reason": translated(reason)}
    field = "enable_polling" if not config.enable_polling else "active_days"
    until = next_change(config, now)
    if until is None:
        text = _(
            "Mailbox %(mailbox)s is not read now: %(reason)s. What arrives meanwhile is found when "
            "that is changed."
        )
    else:
        facts["moment"] = moment(until)
        text = _(
            "Mailbox %(mailbox)s is not read before %(moment)s: %(reason)s. What arrives meanwhile "
            "is found then."
        )
    return Step(text=text % facts, link=mailbox_page(box.name, field))


def _trouble(state: MailboxState) -> Step:
    facts = {"mailbox": state.name, "trouble": f"{translated(state.trouble).rstrip('.')}."}
    facts["last"] = moment(state.searched_at) if state.searched_at else _("never")
    text = _(
        "Mailbox %(mailbox)s cannot be read; it was last searched: %(last)s. %(trouble)s What "
        "arrives meanwhile is found afterwards."
    )
    return Step(text=text % facts, link=state_page(state.pk))


def _behind(state: MailboxState, now: datetime) -> Step | None:
    facts: dict[str, object] = {"mailbox": state.name}
    if state.catch_up_total:
        facts |= {"done": state.catch_up_done, "total": state.catch_up_total}
        text = _(
            "Mailbox %(mailbox)s is being caught up on, the oldest mails first: %(done)d of "
            "%(total)d mails are read. It may be among the others; look again later."
        )
        return Step(text=text % facts, link=state_page(state.pk))
    if state.searched_at and now - state.searched_at > SILENT:
        facts |= {"moment": moment(state.searched_at), "start": how_to_start()}
        text = _(
            "Mailbox %(mailbox)s was last searched on %(moment)s: what arrived after that is not "
            "known yet. %(start)s"
        )
        return Step(text=text % facts, link=state_page(state.pk))
    return None


def _served(boxes: Sequence[Box]) -> Iterator[Step]:
    searched = [box.state.searched_at for box in boxes if box.state and box.state.searched_at]
    if not searched:
        return
    names = ", ".join(box.name for box in boxes)
    folders = ", ".join(dict.fromkeys(box.folder for box in boxes))
    facts = {"mailboxes": names, "folders": folders, "moment": moment(min(searched))}
    text = ngettext(
        "Mailbox %(mailboxes)s was searched on %(moment)s, and the journal has all that its folder "
        "%(folders)s has shown. So no such mail has reached that folder: look at the mailbox "
        "itself, in the spam folder and wherever its rules move mails, and ask the sender for the "
        "address that was used.",
        "Mailboxes %(mailboxes)s were searched on %(moment)s or later, and the journal has all "
        "that their folders (%(folders)s) have shown. So no such mail has reached these: look at "
        "the mailboxes themselves, in the spam folders and wherever their rules move mails, and "
        "ask the sender for the address that was used.",
        len(boxes),
    )
    state = boxes[0].state
    link = state_page(state.pk) if len(boxes) == 1 and state else None
    yield Step(text=text % facts, link=link)


def _limits(boxes: Sequence[Box], days: int) -> Iterator[Step]:
    """What the journal cannot know of it."""
    met = [box for box in boxes if box.state and box.state.started_at]
    facts: dict[str, object] = {"days": days}
    text = _(
        "A mail from before its mailbox was met is known only if it was unread then, and not older "
        "than %(days)d days (MAILBOX_CATCH_UP_DAYS). Any other has to be sent to the mailbox once "
        "more."
    )
    if len(met) == 1 and met[0].state and met[0].state.started_at:
        facts |= {"mailbox": met[0].name, "moment": moment(met[0].state.started_at)}
        text = _(
            "Mailbox %(mailbox)s was met on %(moment)s. A mail from before is known only if it was "
            "unread then, and not older than %(days)d days (MAILBOX_CATCH_UP_DAYS). Any other has "
            "to be sent to the mailbox once more."
        )
    if met:
        yield Step(text=text % facts)
