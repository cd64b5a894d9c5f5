"""The two ways in which people are told: a mail, and a webhook of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from configstore.documents import ProcessingPrefs
from configstore.fields import translatable
from configstore.labels import by_label
from configstore.mail_addresses import is_address
from configstore.signing_secrets import derived_secrets
from runtime.smtp import Mailer, MailNotSent
from webhooks.alerts.trouble import Channel, Kind
from webhooks.client import Client
from webhooks.endpoints import Endpoint
from webhooks.payload import encode_json

SECONDS = 15.0
# No endpoint can have this name, so none has this secret.
SIGNER = ":alerts"
SUBJECTS = {
    Kind.DEAD: translatable("render_signal: dead deliveries to %(endpoint)s"),
    Kind.FAILING: translatable("render_signal: failing endpoint %(endpoint)s"),
    Kind.OVERDUE: translatable("render_signal: deliveries wait too long for %(endpoint)s"),
    Kind.RECOVERED: translatable("render_signal: recovered endpoint %(endpoint)s"),
    Kind.TEST: translatable("render_signal: test of alerts, %(endpoint)s"),
}
FOOTER = translatable(
    "This was sent by render_signal, because notify_on_failure is on in the processing "
    "preferences. The same is told once an hour at most. In the admin, Alerts lists what was told."
)


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """What people are told, the same by each channel. id is the webhook-id."""

    id: str
    kind: Kind
    endpoint: str
    sentence: str
    count: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """error may be there although it was told: some people were not."""

    told: bool
    error: str = ""


def recipients(prefs: ProcessingPrefs) -> tuple[str, ...]:
    """Those that are named, else the superusers. Django keeps what is no address, too."""
    if prefs.alert_emails:
        return prefs.alert_emails
    users = get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(email="")
    found = users.order_by("pk").values_list("email", flat=True)
    return tuple(email for email in found if is_address(email))


def channels(prefs: ProcessingPrefs) -> list[Channel]:
    """Those that lead to somebody."""
    found = []
    if settings.ALERT_SMTP and recipients(prefs):
        found.append(Channel.MAIL)
    if prefs.alert_webhook_url:
        found.append(Channel.WEBHOOK)
    return found


class Messenger:
    """Never raises for anything that a server does. Each message ends within its deadline."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._client = Client()
        self._mailer = Mailer(seconds)

    def send(self, channel: str, bulletin: Bulletin, prefs: ProcessingPrefs) -> Outcome:
        if channel == Channel.MAIL:
            return self._mail(bulletin, recipients(prefs))
        return self._post(bulletin, prefs.alert_webhook_url)

    def cut(self) -> None:
        self._client.cut()
        self._mailer.cut()

    def _mail(self, bulletin: Bulletin, people: tuple[str, ...]) -> Outcome:
        if not settings.ALERT_SMTP or not people:
            return Outcome(told=False, error="no mail server is set, or nobody to write to")
        message = _message(bulletin, people)
        try:
            refused = self._mailer.send(settings.ALERT_SMTP, message, people)
        except MailNotSent as exc:
            return Outcome(told=False, error=str(exc))
        error = f"{refused} of {len(people)} addresses were refused" if refused else ""
        return Outcome(told=True, error=error)

    def _post(self, bulletin: Bulletin, url: str | None) -> Outcome:
        if not url:
            return Outcome(told=False, error="alert_webhook_url is not set any more")
        receiver = Endpoint(
            id=SIGNER,
            url=url,
            secrets=derived_secrets(SIGNER),
            fallback_on_415=False,
            deadline_seconds=self._seconds,
        )
        body = {
            "kind": bulletin.kind,
            "endpoint": bulletin.endpoint,
            "sentence": bulletin.sentence,
            "count": bulletin.count,
            "at": bulletin.at.isoformat(),
        }
        result = self._client.send(receiver, bulletin.id, encode_json(body).decode())
        return Outcome(told=result.delivered, error=result.error)


def _message(bulletin: Bulletin, people: tuple[str, ...]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.ALERT_FROM
    message["To"] = ", ".join(people)
    message["Subject"] = _(SUBJECTS[bulletin.kind]) % {"endpoint": bulletin.endpoint}
    message["Date"] = format_datetime(bulletin.at)
    domain = parseaddr(settings.ALERT_FROM)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{bulletin.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    text = f"{bulletin.sentence}\n\n-- \n{by_label(_(FOOTER))}\n"
    message.set_content(text, cte="quoted-printable")
    return message
