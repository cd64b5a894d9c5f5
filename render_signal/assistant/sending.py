"""The last two stages: the webhook is sent, the receiver answers."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from configstore.documents import WebhookConfig
from configstore.store import ConfigStore
from configstore.wording import translated
from polling.models import Mail, MailState
from render_signal.assistant.stage import Link, Stage
from webhooks.advice import about_endpoint
from webhooks.life import Life, lives
from webhooks.models import WAITING, Delivery, State
from webhooks.standing import standing, waiting_endpoints

MOST = 10


def sending_stages(store: ConfigStore, mail: Mail | None, now: datetime) -> tuple[Stage, Stage]:
    """Of a mail with several deliveries, those of the one that has got least far."""
    sent, answered = _("The webhook is sent"), _("The receiver has answered")
    if mail is None or mail.state not in (MailState.RELAYED, MailState.SETTLED):
        return Stage(title=sent), Stage(title=answered)
    rows = list(Delivery.objects.filter(message_id=mail.message_id)[:MOST])
    if not rows:
        text = _("Its deliveries are not in this journal.")
        return Stage(title=sent, state="stuck", text=text), Stage(title=answered)
    held = standing(store, waiting_endpoints(rows), now).pauses
    worst = min(lives(rows, store, now), key=_how_far)
    return (
        _sent(worst, sent, worst.delivery.endpoint in held),
        _answered(worst, answered),
    )


def _how_far(life: Life) -> tuple[bool, bool]:
    return (life.was_delivered, life.delivery.attempts > 0)


def _sent(life: Life, title: str, held: bool) -> Stage:
    row = life.delivery
    if row.attempts and (row.state != State.SENDING or life.tries):
        text = _("To endpoint %(endpoint)s, with webhook-id %(id)s.")
        return Stage(title=title, state="done", text=text % _facts(row))
    if row.state in WAITING and held:
        return Stage(
            title=title,
            state="stuck",
            text=_("Endpoint %(endpoint)s: %(standing)s.") % _facts(row, life.standing),
            advice=_("It leaves by itself when that is over. Or change it now:"),
            links=(_endpoint_page(row),),
        )
    if row.state in (State.DEAD, State.CANCELLED):
        text = translated(row.reason)
        return Stage(title=title, state="stuck", text=text, links=(_journal(row),))
    text = _("Endpoint %(endpoint)s: %(standing)s.") % _facts(row, life.standing)
    return Stage(title=title, state="now", text=text)


def _answered(life: Life, title: str) -> Stage:
    row = life.delivery
    last = life.tries[0].attempt if life.tries else None
    if last is None:
        return Stage(title=title)
    if life.was_delivered:
        text = _("It answered %(status)s and has the webhook.") % {"status": last.status or "—"}
        return Stage(title=title, state="done", text=text)
    if row.state == State.SENDING and last.ended_at is None:
        return Stage(title=title, state="now", text=_("It has not answered yet."))
    text = _("It did not take the webhook: %(error)s.") % {"error": translated(last.error)}
    if row.state in WAITING:
        text += " " + _("Now: %(standing)s.") % {"standing": life.standing}
    advice = about_endpoint(str(last.status or ""), last.error)
    return Stage(
        title=title,
        state="stuck",
        text=text,
        advice=advice,
        links=(Link(_("Endpoint"), reverse("assistant_endpoint")), _journal(row)),
    )


def _facts(row: Delivery, standing_now: str = "") -> dict[str, str]:
    return {"endpoint": row.endpoint, "id": row.webhook_id, "standing": standing_now}


def _endpoint_page(row: Delivery) -> Link:
    name = WebhookConfig.NAME if row.endpoint == "default" else row.endpoint
    page = reverse("admin:configstore_webhook_change", args=[name])
    return Link(_("All settings of the endpoint"), page)


def _journal(row: Delivery) -> Link:
    page = reverse("admin:polling_mail_of_message", args=[row.message_id])
    return Link(_("The mail in the journal: try now, or send again"), page)
