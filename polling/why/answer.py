"""Why a mail did not arrive, in words: from what the journal knows of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.moments import moment
from configstore.wording import translated
from polling.models import Mail, MailState
from polling.quarantine import TRIES
from polling.why import delivery_words, ignored_words
from polling.why.steps import Step, mail_page, state_page, with_one_stop
from webhooks.life import Life
from webhooks.models import State
from webhooks.pages import processing_page


class Mood(enum.StrEnum):
    """ok: it has arrived. bad: a person has to act. waits: it is on its way. quiet: it is not to
    be relayed."""

    OK = "ok"
    BAD = "bad"
    WAITS = "waits"
    QUIET = "quiet"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """summary is the answer in a sentence, steps are what there is to add to it."""

    mood: Mood
    summary: str
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", with_one_stop(self.summary))


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is in force around a mail, None where that is not known. held_back: the mailbox has to
    be asked first whether another poller has sent it. kept_back_by: the mail of its subject group
    that was relayed."""

    config: PollingConfig | None = None
    prefs: ProcessingPrefs | None = None
    held_back: bool = False
    kept_back_by: Mail | None = None


def answer(mail: Mail, lives: Sequence[Life], around: Circumstances) -> Answer:
    found = _found(mail, lives, around)
    steps = [_arrival(mail), *found.steps]
    if mail.uidvalidity < 0:
        steps.append(Step(text=_("Its UID belongs to another mail of the mailbox by now.")))
    return Answer(mood=found.mood, summary=found.summary, steps=tuple(steps))


def _arrival(mail: Mail) -> Step:
    facts = {"mailbox": mail.mailbox.name, "found": moment(mail.seen_at)}
    if mail.received_at is None:
        return Step(text=_("It was found in mailbox %(mailbox)s on %(found)s.") % facts)
    facts["arrived"] = moment(mail.received_at)
    if facts["arrived"] == facts["found"]:
        return Step(text=_("It arrived in mailbox %(mailbox)s on %(found)s.") % facts)
    return Step(
        text=_("It arrived in mailbox %(mailbox)s on %(arrived)s, and was found on %(found)s.")
        % facts
    )


def _found(mail: Mail, lives: Sequence[Life], around: Circumstances) -> Answer:
    state = MailState(mail.state)
    if state is MailState.IGNORED:
        return _ignored(mail, around)
    if state is MailState.GONE:
        return _vanished(mail)
    if state is MailState.FAILED:
        return _retried(mail)
    if state is MailState.QUARANTINED:
        return _quarantined(mail)
    if not mail.message_id:
        return _settled_elsewhere(mail)
    return _delivered(mail, lives, around) if lives else _pruned(mail, around)


def _ignored(mail: Mail, around: Circumstances) -> Answer:
    reason = _("Not relayed, because %(reason)s.") % {"reason": mail.get_reason_display()}
    steps = ignored_words.steps(mail, around.config, around.prefs, around.kept_back_by)
    return Answer(mood=Mood.QUIET, summary=reason, steps=tuple(steps))


def _vanished(mail: Mail) -> Answer:
    folder = mail.mailbox.identity.rpartition("/")[2]
    text = _(
        "A person, a rule of the mailbox or another program has moved or deleted it in the moments "
        "after its arrival. Look for it in the other folders; moved back to %(folder)s it is read."
    )
    return Answer(
        mood=Mood.BAD,
        summary=_("It vanished from the folder before it was read."),
        steps=(Step(text=text % {"folder": folder}, link=state_page(mail.mailbox_id)),),
    )


def _retried(mail: Mail) -> Answer:
    text = _("It is tried again, and left alone after %(tries)d tries of its own; others go on.")
    if mail.retry_at:
        text = _(
            "It is tried again on %(moment)s, and left alone after %(tries)d tries of its own; "
            "others go on."
        ) % {"moment": moment(mail.retry_at), "tries": TRIES}
    else:
        text = text % {"tries": TRIES}
    return Answer(
        mood=Mood.WAITS,
        summary=_("It could not be read yet: %(fault)s") % {"fault": _ended(mail.fault)},
        steps=(Step(text=text, link=mail_page(mail.pk)),),
    )


def _quarantined(mail: Mail) -> Answer:
    summary = ngettext(
        "It could not be read in %(tries)d try, and is left alone: %(fault)s",
        "It could not be read in %(tries)d tries, and is left alone: %(fault)s",
        mail.tries,
    )
    text = _(
        "On its page it can be tried again, and downloaded as it is. If neither helps, ask its "
        "sender to send it once more."
    )
    return Answer(
        mood=Mood.BAD,
        summary=summary % {"tries": mail.tries, "fault": _ended(mail.fault)},
        steps=(Step(text=text, link=mail_page(mail.pk)),),
    )


def _settled_elsewhere(mail: Mail) -> Answer:
    text = _(
        "When it was met it bore the mark of a settled mail ($RenderSignal): another poller with a "
        "database of its own has sent it, or this one before its database was lost. Its tries are "
        "in the journal of that one alone."
    )
    summary = _("It was settled elsewhere, and is not sent again.")
    return Answer(mood=Mood.OK, summary=summary, steps=(Step(text=text),))


def _pruned(mail: Mail, around: Circumstances) -> Answer:
    days = around.prefs.journal_days if around.prefs else 0
    text = _("What is settled leaves the journal in time (journal_days).")
    if days:
        text = ngettext(
            "What is settled leaves the journal after %(days)d day (journal_days).",
            "What is settled leaves the journal after %(days)d days (journal_days).",
            days,
        ) % {"days": days}
    summary = _("It was handed over, and its deliveries are not in the journal any more.")
    if mail.settled_at:
        summary = _(
            "It was settled on %(moment)s, and its deliveries are not in the journal any more."
        ) % {"moment": moment(mail.settled_at)}
    link = processing_page("journal_days")
    return Answer(mood=Mood.OK, summary=summary, steps=(Step(text=text, link=link),))


def _delivered(mail: Mail, lives: Sequence[Life], around: Circumstances) -> Answer:
    held = around.held_back and any(life.waits for life in lives)
    steps = [step for life in lives for step in delivery_words.steps(life, held)]
    if mail.state == MailState.RELAYED and not any(life.waits for life in lives):
        steps.append(Step(text=_("Its mark in the mailbox is still to come.")))
    elif mail.state == MailState.SETTLED and mail.settled_at:
        text = _("It was marked as settled in the mailbox on %(moment)s.")
        steps.append(Step(text=text % {"moment": moment(mail.settled_at)}))
    summary = " ".join(delivery_words.summary(life, held) for life in lives)
    return Answer(mood=mood(lives), summary=summary, steps=tuple(steps))


def lone_answer(life: Life) -> Answer:
    """Of a delivery whose mail is not in the journal any more."""
    gone = Step(text=_("Its mail is not in the journal any more."))
    steps = (gone, *delivery_words.steps(life))
    return Answer(mood=mood([life]), summary=delivery_words.summary(life), steps=steps)


def mood(lives: Sequence[Life]) -> Mood:
    """The worst of them."""
    states = {life.delivery.state for life in lives}
    if State.DEAD in states:
        return Mood.BAD
    if any(life.waits for life in lives):
        return Mood.WAITS
    return Mood.OK if State.DELIVERED in states else Mood.QUIET


def _ended(sentence: str) -> str:
    return f"{translated(sentence).rstrip('.')}."
