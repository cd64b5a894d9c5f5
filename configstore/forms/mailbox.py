"""polling_config: where, when and from whom mail is read."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from configstore.credentials import VARIABLES, environment_fields
from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX
from configstore.forms.base import DocumentForm, Section
from configstore.forms.fields import HourField, LinesField, SecretField
from configstore.forms.oauth import OAUTH, OAuthFields
from configstore.forms.webhook import DAY_NAMES
from configstore.secrets import encrypt

SECRET_HELP = {
    "imap_password": _("Stored encrypted. Many providers want an application password."),
    "oauth_client_secret": _("Stored encrypted. Microsoft 365 needs none for a public client."),
    "oauth_refresh_token": _("Stored encrypted, and replaced when the provider gives another."),
}


def time_zones() -> list[tuple[str, str]]:
    return [(name, name.replace("_", " ")) for name in sorted(available_timezones())]


class MailboxForm(OAuthFields, DocumentForm):
    kind = PollingConfig
    sections = (
        Section(
            title=_("Senders"),
            fields=("enable_polling", "sender_of_interest_for_polling"),
        ),
        Section(
            title=_("When mail is read"),
            description=_("Mail that arrives at other times is read when the next window opens."),
            fields=("active_days", "active_start_hour", "active_end_hour", "timezone",
                    "vacation_start", "vacation_end"),
        ),
        Section(
            title=_("IMAP account"),
            fields=("imap_host", "imap_port", "imap_security", "imap_user", "imap_password",
                    "imap_auth", "imap_folder", "interval_seconds"),
        ),
        OAUTH,
        Section(
            title=_("After a mail is relayed"),
            description=_("Nothing is ever deleted, and mails of others stay untouched."),
            fields=("after_relay", "after_relay_folder"),
        ),
        Section(
            title=_("Mails on the same subject"),
            fields=("enable_subject_group_dedup", "subject_group_ttl_seconds"),
        ),
    )  # fmt: skip

    enable_polling = forms.BooleanField(
        label=_("Read this mailbox"),
        required=False,
        help_text=_("Off: no connection is opened. What arrives meanwhile is read later."),
    )
    sender_of_interest_for_polling = LinesField(
        label=_("Senders to relay"),
        help_text=_(
            "One address or domain a line. Mails of others stay untouched. Empty: every sender."
        ),
    )
    active_days = forms.TypedMultipleChoiceField(
        label=_("Days"),
        required=False,
        coerce=int,
        choices=list(enumerate(DAY_NAMES)),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Calendar days: of a night, the part before midnight belongs to the one and the "
            "part after it to the other."
        ),
    )
    active_start_hour = HourField(label=_("From"))
    active_end_hour = HourField(
        label=_("Until"),
        help_text=_("Earlier than “From”: over midnight. The same hour: never."),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Of all days, hours and times, also those of the webhook page."),
    )
    vacation_start = forms.DateField(
        label=_("Vacation from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("First day on which no mail is read."),
    )
    vacation_end = forms.DateField(
        label=_("Vacation until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Last day on which no mail is read."),
    )
    imap_host = forms.CharField(
        label=_("Server"), required=False, help_text=_("For example imap.example.com.")
    )
    imap_port = forms.IntegerField(
        label=_("Port"), min_value=1, max_value=65535, help_text=_("993 for TLS, else mostly 143.")
    )
    imap_security = forms.ChoiceField(
        label=_("Security"),
        choices=[
            ("tls", _("TLS")),
            ("starttls", _("STARTTLS")),
            ("none", _("none: the password crosses the network readable")),
        ],
    )
    imap_user = forms.CharField(
        label=_("User"), required=False, help_text=_("Mostly the whole mail address.")
    )
    imap_password = SecretField(label=_("Password"))
    imap_auth = forms.ChoiceField(
        label=_("Kind of login"),
        choices=[
            ("auto", _("what the server offers")),
            ("plain", _("AUTHENTICATE PLAIN")),
            ("login", _("LOGIN")),
            ("oauth2", _("OAuth2")),
        ],
        help_text=_("Where there is a refresh token, “what the server offers” is OAuth2."),
    )
    imap_folder = forms.CharField(label=_("Folder"), help_text=_("Mostly INBOX."))
    interval_seconds = forms.IntegerField(
        label=_("Search every"),
        min_value=1,
        max_value=3600,
        help_text=_("Seconds between searches where the server cannot announce mails (no IDLE)."),
    )
    after_relay = forms.ChoiceField(
        label=_("The mail is then"),
        choices=[
            ("read", _("marked as read")),
            ("nothing", _("left as it is")),
            ("flag", _("flagged")),
            ("move", _("moved to a folder")),
        ],
        help_text=_("A server without keywords needs the read mark, whatever is chosen here."),
    )
    after_relay_folder = forms.CharField(
        label=_("Folder for relayed mails"),
        required=False,
        help_text=_("It is made if it does not exist. The server must be able to move mails."),
    )
    enable_subject_group_dedup = forms.BooleanField(
        label=_("Relay one mail for each subject"),
        required=False,
        help_text=_(
            "Subjects count as the same without Re:, case, accents; “lot 12” by its number."
        ),
    )
    subject_group_ttl_seconds = forms.IntegerField(
        label=_("A subject counts for"),
        min_value=0,
        max_value=366 * 24 * 3600,
        help_text=_("Seconds. 0: for the calendar month."),
    )

    def __init__(self, *args: Any, mailbox: str = DEFAULT_MAILBOX, **kwargs: Any) -> None:
        self._outranked = environment_fields() if mailbox == DEFAULT_MAILBOX else {}
        super().__init__(*args, **kwargs)
        for name, value in self._outranked.items():
            if name in self.fields:
                self._show_environment(name, value)
        for name in PollingConfig.SECRETS:
            if name in self.fields:
                self._describe_secret(name)

    def clean_vacation_end(self) -> date | None:
        start, end = self.cleaned_data.get("vacation_start"), self.cleaned_data["vacation_end"]
        if start and end and end < start:
            raise forms.ValidationError(gettext("The vacation ends before it begins."))
        return end  # type: ignore[no-any-return]  # a DateField

    def clean_after_relay_folder(self) -> str:
        folder: str = self.cleaned_data["after_relay_folder"]
        if self.cleaned_data.get("after_relay") == "move" and not folder:
            raise forms.ValidationError(gettext("Name the folder that they are moved to."))
        if self.cleaned_data.get("after_relay") == "move" and folder == self.cleaned_data.get(
            "imap_folder"
        ):
            raise forms.ValidationError(gettext("Name another folder than the one that is read."))
        return folder

    def clean(self) -> dict[str, Any]:
        """Whoever may change the server must not have the stored secrets sent to one of theirs."""
        cleaned = super().clean()
        for name, places in PollingConfig.GOES_TO.items():
            kept = self.initial.get(name) and not cleaned.get(name)
            if kept and name not in self._outranked and places.intersection(self.changed_data):
                self.add_error(
                    name if name in self.fields else None,
                    gettext("Enter the password again: it is stored for another server.")
                    if name == "imap_password"
                    else gettext("Enter it again: it is stored for another server."),
                )
        return cleaned

    def stored_value(self, name: str, value: Any) -> Any:
        return encrypt(value) if name in PollingConfig.SECRETS and value else value

    def _show_environment(self, name: str, value: Any) -> None:
        field = self.fields[name]
        field.disabled = True
        field.show_hidden_initial = False
        field.required = False
        field.help_text = gettext("Set by %(variable)s in the environment, which wins.") % {
            "variable": VARIABLES[name]
        }
        if name not in PollingConfig.SECRETS:
            self.initial[name] = value

    def _describe_secret(self, name: str) -> None:
        if name in self._outranked:
            return
        if not self.initial.get(name):
            self.fields[name].help_text = SECRET_HELP[name]
        elif name == "imap_password":
            self.fields[name].help_text = gettext(
                "A password is stored, encrypted. Leave this empty to keep it."
            )
        else:
            self.fields[name].help_text = gettext(
                "One is stored, encrypted. Leave this empty to keep it."
            )
