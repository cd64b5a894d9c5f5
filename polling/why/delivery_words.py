"""What became of a delivery, in words."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.moments import moment
from configstore.wording import translated
from polling.why.steps import Step, delivery_page, first_page
from webhooks.life import Life
from webhooks.models import Attempt, Delivery, Outcome, State
from webhooks.pages import Link, listed_endpoint_page
from webhooks.settlement import GIVEN_UP


def summary(life: Life, held_back: bool = False) -> str:
    """In a sentence. held_back: the mailbox has to be asked first."""
    row = life.delivery
    facts = {
        "endpoint": row.endpoint,
        "moment": "" if life.waits else moment(life.ended_at),
        "reason": translated(row.reason.removeprefix(GIVEN_UP)).rstrip(".") or _("unknown"),
    }
    if row.state == State.DELIVERED:
        return _("Endpoint %(endpoint)s accepted it on %(moment)s.") % facts
    if row.state == State.DEAD:
        return _("It was given up for endpoint %(endpoint)s on %(moment)s: %(reason)s.") % facts
    if row.state == State.CANCELLED:
        return _("It was cancelled for endpoint %(endpoint)s: %(reason)s.") % facts
    if held_back:
        text = _("held until the mailbox can be asked whether another poller has sent it")
    else:
        text = life.standing
    if said := _last_said(life):
        return _("Endpoint %(endpoint)s has not accepted it yet (%(said)s): %(standing)s.") % {
            "endpoint": row.endpoint, "said": said, "standing": text.rstrip("."),
        }  # fmt: skip
    return _("It has not left for endpoint %(endpoint)s yet: %(standing)s.") % {
        "endpoint": row.endpoint, "standing": text.rstrip("."),
    }  # fmt: skip


def steps(life: Life, held_back: bool = False) -> Iterator[Step]:
    """What was tried, what the endpoint said, and what to do."""
    row = life.delivery
    if row.attempts:
        yield Step(text=_tries(life), link=delivery_page(row.pk))
    if row.state == State.DELIVERED:
        text = _(
            "If the receiver does not have it, look there for the webhook-id %(id)s. On the page "
            "of the delivery it can be sent once more, with the same id."
        )
        yield Step(text=text % {"id": row.webhook_id}, link=_unless_tried(row))
    elif row.state == State.DEAD:
        text = _(
            "Mend what the endpoint complains of, then send it again on the page of the delivery."
        )
        yield Step(text=text, link=listed_endpoint_page(row.endpoint))
    elif row.state == State.CANCELLED:
        yield Step(
            text=_("On the page of the delivery it can be sent all the same."),
            link=_unless_tried(row),
        )
    elif row.state != State.SENDING and not held_back:
        yield _waiting(life)


def _waiting(life: Life) -> Step:
    row, remedy = life.delivery, life.remedy
    if remedy is None and row.failures:
        text = _("Nothing is lost by waiting. On the page of the delivery it can be tried now.")
        return Step(text=text, link=delivery_page(row.pk))
    if remedy is None:
        text = _("Nothing is lost by waiting. If it does not leave, the first page says why.")
        return Step(text=text, link=first_page())
    if remedy.resume:
        text = _(
            "Nothing is lost by waiting. When the receiver is ready again, resume the endpoint: "
            "all that waits for it is tried at once."
        )
    elif remedy.adds:
        text = _("Nothing is lost by waiting. Describe the endpoint, or cancel what waits for it.")
    else:
        text = _("Nothing is lost by waiting. What holds an endpoint is changed in its settings.")
    return Step(text=text, link=remedy.link, resume=remedy.resume)


def _tries(life: Life) -> str:
    row = life.delivery
    text = ngettext(
        "Endpoint %(endpoint)s was tried %(count)d time",
        "Endpoint %(endpoint)s was tried %(count)d times",
        row.attempts,
    ) % {"endpoint": row.endpoint, "count": row.attempts}
    if not life.tries:
        return f"{text}."
    last = life.tries[0].attempt
    said = _said(last)
    facts = {"tries": text, "moment": moment(last.started_at), "said": said}
    if not said:
        return _("%(tries)s, last on %(moment)s.") % facts
    return _("%(tries)s, last on %(moment)s: %(said)s.") % facts


def _last_said(life: Life) -> str:
    """What came of the last try that is over, "" before the first."""
    failed = (each.attempt for each in life.tries if each.attempt.outcome != Outcome.DELIVERED)
    over = map(_said, failed)
    return next((said for said in over if said), "")


def _said(attempt: Attempt) -> str:
    return translated(attempt.error).rstrip(".") or (
        f"HTTP {attempt.status}" if attempt.status else ""
    )


def _unless_tried(row: Delivery) -> Link | None:
    return None if row.attempts else delivery_page(row.pk)
