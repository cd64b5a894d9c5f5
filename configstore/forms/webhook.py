"""webhook_config: where webhooks go, and when they wait."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from configstore.allowed_networks import how_to_allow
from configstore.documents import WebhookConfig
from configstore.fields import WEEKDAYS
from configstore.forms.base import Section
from configstore.forms.fields import ClockField
from configstore.forms.signature import SIGNATURE, SignatureForm

DAY_NAMES = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


class WebhookForm(SignatureForm):
    kind = WebhookConfig
    sections = (
        Section(
            title=_("Receiver"),
            fields=("webhook_url", "webhook_ssl_verify", "webhook_delivery_mode",
                    "webhook_fallback_on_415"),
        ),
        SIGNATURE,
        Section(
            title=_("When webhooks leave"),
            description=_(
                "Outside these times webhooks wait, and leave when the window opens. None is lost."
            ),
            fields=("webhook_sending_enabled", "webhook_time_start", "webhook_time_end"),
        ),
        Section(
            title=_("Absence"),
            description=_("On these days nothing leaves, whatever else is set."),
            fields=("absence_pause_enabled", "absence_pause_days"),
        ),
    )  # fmt: skip

    webhook_url = forms.CharField(
        label=_("Webhook URL"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"size": 70, "spellcheck": "false", "inputmode": "url"}),
        help_text=_(
            "The address that gets each webhook. It begins with https://. Make.com's short form "
            "token@hook.eu2.make.com is understood. Empty: webhooks wait."
        ),
    )
    webhook_ssl_verify = forms.BooleanField(
        label=_("Check the receiver's certificate"),
        required=False,
        help_text=_("Switch it off only for a receiver of your own with a self-made certificate."),
    )
    webhook_delivery_mode = forms.ChoiceField(
        label=_("Form of the body"),
        choices=[("json", _("JSON")), ("form", _("HTML form"))],
        help_text=_("JSON suits Make.com, n8n and most others."),
    )
    webhook_fallback_on_415 = forms.BooleanField(
        label=_("Try the other form too"),
        required=False,
        help_text=_("When the receiver answers 415 Unsupported Media Type."),
    )
    webhook_sending_enabled = forms.BooleanField(
        label=_("Send webhooks"),
        required=False,
        help_text=_("Off: mails are read and their webhooks wait until it is on again."),
    )
    webhook_time_start = ClockField(
        label=_("From"),
        help_text=_("Time of day from which webhooks leave. Both empty: at any time."),
    )
    webhook_time_end = ClockField(
        label=_("Until"),
        help_text=_("Time of day at which they begin to wait. Earlier than “From”: over midnight."),
    )
    absence_pause_enabled = forms.BooleanField(label=_("Pause on days of absence"), required=False)
    absence_pause_days = forms.MultipleChoiceField(
        label=_("Days of absence"),
        required=False,
        choices=list(zip(WEEKDAYS, DAY_NAMES, strict=True)),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_webhook_url(self) -> str:
        """The document takes plain http for networks that are allowed; here a slip is likelier."""
        value: str = self.cleaned_data["webhook_url"].strip()
        if value.startswith("http:") and not settings.EGRESS_ALLOWED_CIDRS:
            sentence = gettext(
                "The address must begin with https://. Plain http is possible only in a "
                "network that EGRESS_ALLOWED_CIDRS names."
            )
            raise ValidationError(f"{sentence} {how_to_allow()}")
        return value

    def clean_absence_pause_days(self) -> list[str]:
        days: list[str] = self.cleaned_data["absence_pause_days"]
        if self.cleaned_data.get("absence_pause_enabled") and not days:
            raise ValidationError(gettext("Mark at least one day, or switch the pause off."))
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start, end = cleaned.get("webhook_time_start"), cleaned.get("webhook_time_end")
        if bool(start) != bool(end):
            missing = "webhook_time_start" if end else "webhook_time_end"
            self.add_error(missing, gettext("Give both times, or none."))
        return cleaned
