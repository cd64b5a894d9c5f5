"""How far a mail has got on its way, in words, and what to do where it is stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX
from configstore.store import ConfigStore
from configstore.wording import translated
from polling.accounts import DEFAULT, NotSetUp, find_account
from polling.holders import holders
from polling.models import Mail, MailboxState, MailState
from polling.schedule import next_change, standing_down
from polling.selection import Reason
from polling.starting import how_to_start
from render_signal.assistant.advice import about_missing, command
from render_signal.assistant.beginning import reading_waits
from render_signal.assistant.following import Wanted, find
from render_signal.assistant.sending import sending_stages
from render_signal.assistant.stage import Link, Stage, moment

SETTINGS_OF_REASON = {
    Reason.SENDER: "assistant_senders",
    Reason.NO_LINK: "assistant_senders",
}


def stages(store: ConfigStore, followed: Wanted, now: datetime) -> list[Stage]:
    """All of them, in order. Raises ConfigurationUnknown."""
    try:
        account = find_account(store, DEFAULT)
    except NotSetUp as exc:
        links = (Link(_("Mailbox"), reverse("assistant_mailbox")),)
        return [_poller_stage("stuck", about_missing(exc), links=links)]
    state = MailboxState.objects.filter(identity=account.identity).first()
    mail = find(followed, account)
    sent, answered = sending_stages(store, mail, now)
    found = [_seen(state, mail, now), _decided(mail), sent, answered]
    finished = all(stage.state == "done" for stage in found)
    return [_poller(store, now, finished), *found]


def _poller_stage(state: Literal["done", "now", "stuck"], text: str, **rest: object) -> Stage:
    stage = Stage(title=_("The poller runs"), state=state, text=text)
    return replace(stage, **rest)  # type: ignore[arg-type]  # fields of Stage


def _poller(store: ConfigStore, now: datetime, finished: bool) -> Stage:
    if reading_waits(store):
        text = _("No mail is read yet: say first which mails are relayed.")
        links = (Link(_("Which mails"), reverse("assistant_senders")),)
        return _poller_stage("stuck", text, links=links)
    config = store.get(PollingConfig)
    if reason := standing_down(config, now):
        return _standing_down(config, reason, now)
    holder = holders([DEFAULT])[DEFAULT]
    if holder.fields:
        facts = {"pid": holder.fields.get("pid", "?"), "host": holder.fields.get("host", "?")}
        return _poller_stage("done", _("Process %(pid)s on %(host)s reads the mailbox.") % facts)
    if finished:
        return _poller_stage("done", _("It has read this mail."))
    if holder.unknown:
        return _poller_stage(
            "stuck",
            _("Whether a poller has the mailbox is not known: Redis cannot be asked."),
            advice=_("Check that Redis runs, and REDIS_URL."),
        )
    return _poller_stage(
        "stuck",
        _("No mail is read: no runpoller is at work."),
        advice=how_to_start(),
        command="" if settings.ON_RENDER else command("runpoller"),
    )


def _standing_down(config: PollingConfig, reason: str, now: datetime) -> Stage:
    opening = next_change(config, now)
    if opening is None:
        text = _("No mail is read now: %(reason)s.") % {"reason": translated(reason)}
    else:
        facts = {"reason": translated(reason), "moment": moment(opening)}
        text = _("No mail is read now: %(reason)s. It goes on at %(moment)s.") % facts
    page = reverse("admin:configstore_mailbox_change", args=[DEFAULT_MAILBOX])
    return _poller_stage(
        "stuck",
        text,
        advice=_("Wait until then, or change when mail is read."),
        links=(Link(_("All settings of the mailbox"), page),),
    )


def _seen(state: MailboxState | None, mail: Mail | None, now: datetime) -> Stage:
    title = _("The mail is seen in the mailbox")
    if mail is not None:
        return Stage(title=title, state="done", text=_("Found at %(moment)s, as UID %(uid)d.") % {
            "moment": moment(mail.seen_at), "uid": mail.uid,
        })  # fmt: skip
    if state is None or state.searched_at is None:
        return replace(_trouble(state, title), text=_("The mailbox has not been searched yet."))
    if state.trouble and not state.served:
        return _trouble(state, title)
    if state.catch_up_total:
        facts = {"done": state.catch_up_done, "total": state.catch_up_total}
        text = _("The mailbox is read for the first time: %(done)d of %(total)d mails.") % facts
        return Stage(title=title, state="now", text=text)
    seconds = max(0, round((now - state.searched_at).total_seconds()))
    text = _("Not yet. The mailbox was searched %(seconds)d s ago.") % {"seconds": seconds}
    return Stage(title=title, state="now", text=text)


def _trouble(state: MailboxState | None, title: str) -> Stage:
    if state is None or not state.trouble:
        return Stage(title=title, state="now")
    return Stage(
        title=title,
        state="stuck",
        text=translated(state.trouble),
        advice=_("Test the mailbox once more."),
        links=(Link(_("Mailbox"), reverse("assistant_mailbox")),),
    )


def _decided(mail: Mail | None) -> Stage:
    title = _("It is selected")
    if mail is None:
        return Stage(title=title)
    if mail.state == MailState.IGNORED:
        return _ignored(mail, title)
    if mail.state in (MailState.FAILED, MailState.QUARANTINED):
        text = _("It could not be read: %(fault)s") % {"fault": translated(mail.fault)}
        return Stage(title=title, state="stuck", text=text)
    if mail.state == MailState.GONE:
        text = _("It vanished before it was read.")
        return Stage(title=title, state="stuck", text=text, advice=_("Try again."))
    return Stage(title=title, state="done", text=_("It is to be relayed."))


def _ignored(mail: Mail, title: str) -> Stage:
    reason = _("It was ignored, because %(reason)s.") % {"reason": mail.get_reason_display()}
    if mail.reason == Reason.REPLY:
        advice = _("Write a new mail, no reply and no forward.")
        return Stage(title=title, state="stuck", text=reason, advice=advice)
    if mail.reason in SETTINGS_OF_REASON:
        link = Link(_("Which mails"), reverse(SETTINGS_OF_REASON[Reason(mail.reason)]))
    elif mail.reason == Reason.SUBJECT_GROUP:
        page = reverse("admin:configstore_mailbox_change", args=[DEFAULT_MAILBOX])
        link = Link(_("All settings of the mailbox"), page)
    else:
        page = reverse("admin:configstore_processing_change", args=["processing_prefs"])
        link = Link(_("Processing"), page)
    advice = _("If that is not as you want it, change it and try again with a new mail.")
    return Stage(title=title, state="stuck", text=reason, advice=advice, links=(link,))
