"""The button that tries an endpoint: one signed sample webhook, and what it answers."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.allowed_networks import VARIABLE, how_to_allow
from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.naming import further_name
from configstore.probes import Answer, Probe, register, register_rule
from configstore.secrets import SecretUnreadable
from configstore.wording import translated
from webhooks.advice import about_endpoint
from webhooks.client import Client, Result
from webhooks.egress import EgressRefused, check_url
from webhooks.endpoints import DEFAULT, Endpoint, described_endpoint, webhook_id
from webhooks.messages import Link, Message
from webhooks.payload import encode_json, render

LONGEST_SECONDS = 20
EXCERPT = 500
SAMPLE_LINK = "https://www.dropbox.com/scl/fi/sample/render-signal-test.zip?rlkey=sample&dl="


def sample_message() -> Message:
    now = timezone.now()
    return Message(
        id=f"test-{secrets.token_hex(8)}",
        source="test",
        subject="render_signal: test",
        sender="render_signal <test@relay.invalid>",
        sender_email="test@relay.invalid",
        sent=now.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        received_at=now,
        text="This is a test. If you can read it, webhooks arrive.\n" + SAMPLE_LINK + "0",
        links=(Link(provider="dropbox", raw_url=SAMPLE_LINK + "0", direct_url=SAMPLE_LINK + "1"),),
    )


def try_endpoint(name: str, config: WebhookConfig) -> Answer:
    """The endpoint of the document of this name. Nothing of it is in the journal: it is no mail."""
    prefs = config_store().get(ProcessingPrefs)
    patience = min(prefs.webhook_timeout_sec, LONGEST_SECONDS)
    prefs = prefs.model_copy(update={"webhook_timeout_sec": patience})
    try:
        endpoint = described_endpoint(config, prefs, further_name(name) or DEFAULT)
    except SecretUnreadable as exc:
        return Answer(ok=False, sentence=translated(str(exc)))
    if endpoint is None:
        return Answer(ok=False, sentence=_("Enter an address first."))
    return _answer(send_sample(endpoint, config))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What came of a sample webhook of that id."""

    id: str
    result: Result
    milliseconds: int


def send_sample(endpoint: Endpoint, config: WebhookConfig) -> Trial:
    """It says that it is a test."""
    message = sample_message()
    ident = webhook_id(message.id, endpoint.id)
    payload = encode_json(render(message, ident, config)).decode()
    begun = time.monotonic()
    result = Client().send(endpoint, ident, payload)
    milliseconds = round((time.monotonic() - begun) * 1000)
    return Trial(id=ident, result=result, milliseconds=milliseconds)


def _answer(trial: Trial) -> Answer:
    result = trial.result
    if result.delivered:
        sentence = _("The receiver took the test webhook.")
    else:
        sentence = _("The receiver did not take the test webhook: %(error)s.") % {
            "error": translated(result.error)
        }
    facts = [
        (_("Status"), str(result.status) if result.status else "—"),
        (_("Time"), _("%(ms)d ms") % {"ms": trial.milliseconds}),
        ("webhook-id", trial.id),
    ]
    if result.answer:
        facts.append((_("Answer"), result.answer[:EXCERPT]))
    advice = "" if result.delivered else about_endpoint(str(result.status or ""), result.error)
    return Answer(ok=result.delivered, sentence=sentence, facts=tuple(facts), advice=advice)


def fault_of_address(url: str | None) -> str:
    """What can be known before the name is looked up."""
    if not url:
        return ""
    try:
        check_url(url, settings.EGRESS_ALLOWED_CIDRS)
    except EgressRefused as exc:
        sentence = _("This address cannot be used: %(reason)s.") % {"reason": translated(str(exc))}
        return f"{sentence} {how_to_allow()}" if VARIABLE in str(exc) else sentence
    return ""


def register_probes() -> None:
    register_rule(WebhookConfig.NAME, "webhook_url", fault_of_address)
    register(
        Probe(
            id="endpoint",
            kind=WebhookConfig.NAME,
            field="webhook_url",
            label=gettext_lazy("Send a test"),
            run=try_endpoint,
        )
    )
