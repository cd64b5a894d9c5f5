"""The tables of the first page: mailboxes, what waits, what is dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from configstore.wording import translated
from polling.lock_words import lock_words
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.endpoints import Dead, Queue
from render_signal.dashboard.mailboxes import Mailbox
from render_signal.dashboard.words import moment
from webhooks.suspension import suspended


@dataclass(frozen=True, kw_only=True)
class MailboxRow:
    """ok None: neither well nor in trouble."""

    name: str
    address: str
    state: str
    ok: bool | None
    last_mail: str
    mails: str
    last_search: str
    lock: str
    times: str
    states: str


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    name: str
    address: str
    waiting: int
    rows: str
    oldest: str
    why: str
    resumable: bool


@dataclass(frozen=True, kw_only=True)
class DeadRow:
    name: str
    count: int
    rows: str
    reason: str


def mailbox_rows(mailboxes: Sequence[Mailbox], access: Access) -> Iterator[MailboxRow]:
    for mailbox in mailboxes:
        text, ok = _state(mailbox)
        state = mailbox.state
        mails = addresses.mails(mailbox__id__exact=str(state.pk)) if state else ""
        yield MailboxRow(
            name=mailbox.name,
            address=addresses.mailbox(mailbox.name) if access.mailboxes else "",
            state=text,
            ok=ok,
            last_mail=moment(mailbox.last_mail),
            mails=mails if access.mails else "",
            last_search=moment(state.searched_at) if state else "",
            lock=lock_words(mailbox.holder),
            times=_times(mailbox),
            states=addresses.mailbox_states() if access.mailbox_states else "",
        )


def _state(mailbox: Mailbox) -> tuple[str, bool | None]:
    state = mailbox.state
    if mailbox.empty:
        return _("not set up"), None
    if mailbox.fault:
        return _("its settings cannot be used"), False
    if mailbox.down:
        return _("not read now"), None
    if mailbox.unheld:
        return _("nobody reads it"), False
    if state and state.trouble:
        return _("in trouble since %(moment)s") % {"moment": moment(state.trouble_since)}, False
    if mailbox.overdue:
        return _("not searched for too long"), False
    if state and state.catch_up_total:
        numbers = {"done": state.catch_up_done, "total": state.catch_up_total}
        return _("catching up: %(done)d of %(total)d") % numbers, True
    since = mailbox.connected_since
    return _("connected since %(moment)s") % {"moment": moment(since)} if since else _(
        "is read"
    ), True


def _times(mailbox: Mailbox) -> str:
    if mailbox.config is None:
        return ""
    if not mailbox.config.enable_polling:
        return _("switched off")
    if mailbox.changes_at is None:
        return _("not foreseen") if mailbox.down else _("at any time")
    changes = timezone.localtime(mailbox.changes_at)
    text = _("again from %(moment)s") if mailbox.down else _("until %(moment)s")
    return text % {"moment": formats.date_format(changes, "SHORT_DATETIME_FORMAT")}


def queue_rows(queues: Sequence[Queue], access: Access) -> Iterator[QueueRow]:
    """Of those that have anything waiting."""
    for queue in queues:
        if queue.waiting:
            yield QueueRow(
                name=queue.name,
                address=addresses.endpoint(queue.name) if access.endpoints and queue.listed else "",
                waiting=queue.waiting,
                rows=addresses.deliveries(open="yes", endpoint=queue.name),
                oldest=moment(queue.oldest),
                why=_why(queue),
                resumable=queue.resumable,
            )


def _why(queue: Queue) -> str:
    known = queue.destination
    if known is None:
        return _("not known: the settings cannot be read")
    if (pause := known.pause) is not None:
        if pause.resumable:
            return suspended(pause.reason)
        facts = {"reason": translated(pause.reason), "moment": moment(pause.until)}
        if pause.until is None:
            return _("held until somebody acts: %(reason)s") % facts
        return _("held: %(reason)s, until %(moment)s") % facts
    if known.state and known.state.failures:
        facts = {"reason": translated(known.state.last_error).rstrip("."), "moment": ""}
        asked = queue.asked
        if asked is None or asked <= queue.now:
            return _("the endpoint fails: %(reason)s; it is asked again now") % facts
        facts["moment"] = moment(asked)
        return _("the endpoint fails: %(reason)s; it is asked again at %(moment)s") % facts
    return _("on its way, or its next try is due later")


def dead_rows(dead: Sequence[Dead]) -> Iterator[DeadRow]:
    for each in dead:
        yield DeadRow(
            name=each.endpoint,
            count=each.count,
            rows=addresses.deliveries(
                state__exact="dead", endpoint=each.endpoint, reason__exact=each.reason
            ),
            reason=translated(each.reason) or _("unknown"),
        )
