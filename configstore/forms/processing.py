"""processing_prefs: what is relayed, and how patiently."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from configstore.documents import ProcessingPrefs
from configstore.forms.base import DocumentForm, Section
from configstore.forms.fields import LinesField, PrioritiesField


def _who_gets_mail() -> str:
    if not settings.ALERT_SMTP:
        return gettext(
            "One address a line. No mail is sent yet: set ALERT_SMTP_URL and ALERT_FROM in the "
            "environment first."
        )
    return gettext("One address a line. Empty: the addresses of all superusers.")


class ProcessingForm(DocumentForm):
    kind = ProcessingPrefs
    sections = (
        Section(
            title=_("Which mails are relayed"),
            fields=("relay_without_links", "exclude_keywords", "require_attachments",
                    "max_email_size_mb"),
        ),
        Section(
            title=_("When a delivery fails"),
            description=_(
                "Each webhook is tried for three days, at growing intervals. Quick retries come "
                "before that."
            ),
            fields=("retry_count", "retry_delay_sec", "webhook_timeout_sec"),
        ),
        Section(
            title=_("Limits"),
            fields=("rate_limit_per_hour",),
        ),
        Section(
            title=_("Alerts"),
            description=_(
                "People are told of the first dead delivery, of an endpoint that fails and that "
                "takes deliveries again, and of deliveries that wait for more than a quarter of an "
                "hour without a reason that was asked for: each once an hour at most, and once a "
                "day while it lasts."
            ),
            fields=("notify_on_failure", "alert_emails", "alert_webhook_url"),
        ),
        Section(
            title=_("Journal"),
            fields=("journal_days",),
        ),
        Section(
            title=_("Not in use yet"),
            description=_("Kept in the document for later: nothing acts on these in this version."),
            fields=("sender_priority", "mirror_media_to_custom"),
        ),
    )  # fmt: skip

    relay_without_links = forms.BooleanField(
        label=_("Relay mails without delivery links too"),
        required=False,
        help_text=_("Off: only mails with a Dropbox, FromSmash or SwissTransfer link are relayed."),
    )
    exclude_keywords = LinesField(
        label=_("Exclude keywords"),
        help_text=_("One a line. A mail with one of them in its subject or text is not relayed."),
    )
    require_attachments = forms.BooleanField(label=_("Only mails with attachments"), required=False)
    max_email_size_mb = forms.IntegerField(
        label=_("Largest mail"),
        required=False,
        min_value=1,
        help_text=_("In megabytes. Larger mails are not relayed. Empty: no limit."),
    )
    sender_priority = PrioritiesField(
        label=_("Priority of senders"),
        help_text=_("One a line: a@example.com = high. The words are high, medium and low."),
    )
    retry_count = forms.IntegerField(
        label=_("Quick retries"), min_value=0, max_value=10, help_text=_("0 to 10.")
    )
    retry_delay_sec = forms.IntegerField(
        label=_("Between quick retries"),
        min_value=0,
        max_value=600,
        help_text=_("In seconds, 0 to 600."),
    )
    webhook_timeout_sec = forms.IntegerField(
        label=_("Patience with the receiver"),
        min_value=1,
        max_value=300,
        help_text=_("Seconds that the receiver has for its whole answer, 1 to 300."),
    )
    notify_on_failure = forms.BooleanField(
        label=_("Tell people when deliveries are in trouble"), required=False
    )
    alert_emails = LinesField(label=_("Alert by mail"), help_text=lazy(_who_gets_mail, str)())
    alert_webhook_url = forms.CharField(
        label=_("Alert webhook"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"size": 70, "spellcheck": "false", "inputmode": "url"}),
        help_text=_("An address that gets each alert as JSON. It begins with https://."),
    )
    rate_limit_per_hour = forms.IntegerField(
        label=_("Webhooks per hour"),
        min_value=0,
        max_value=100_000,
        help_text=_(
            "To each endpoint, within any 60 minutes, retries included; more than that wait. "
            "0: no limit."
        ),
    )
    journal_days = forms.IntegerField(
        label=_("Days in the journal"),
        min_value=0,
        max_value=3650,
        help_text=_(
            "Then mails and deliveries that are settled leave the journal. 0: never. Dead and "
            "quarantined ones stay until somebody acts."
        ),
    )
    mirror_media_to_custom = forms.BooleanField(
        label=_("Mirror media to the custom endpoint"),
        required=False,
        help_text=_("Kept for the former application's receivers."),
    )
