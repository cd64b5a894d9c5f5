"""Which mail is tried: a received one, a file, a pasted one, or one made of its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from configstore.documents import RoutingRules
from configstore.moments import moment
from polling.models import Mail
from polling.rehearsal.rehearse import LARGEST, written_mail

RECENT = 50
# What Django takes of a form without its files is 2.5 MB.
LONGEST_TEXT = 2_000_000
SOURCES = {
    "received": _("A received mail"),
    "written": _("Sender, subject and text"),
    "pasted": _("A whole mail, pasted"),
    "file": _("A whole mail, as a file"),
}
NEEDED = {"received": "mail", "pasted": "pasted", "file": "file"}
WIDE = {"rows": 10, "spellcheck": "false", "maxlength": LONGEST_TEXT}


class MailChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        at = moment(obj.received_at or obj.seen_at)
        return f"{at} · {obj.sender_email or '—'} · {obj.subject or obj.uid}"


class RehearsalForm(forms.Form):
    """rules is JSON: those of the page that they are edited on; empty: those in force."""

    source = forms.ChoiceField(label=_("Which mail"), widget=forms.RadioSelect)
    mail = MailChoice(label=_("Mail"), queryset=Mail.objects.none(), required=False)
    sender = forms.CharField(label=_("Sender"), required=False, max_length=500)
    subject = forms.CharField(label=_("Subject"), required=False, max_length=1000)
    text = forms.CharField(label=_("Text"), required=False, strip=False,
                           max_length=LONGEST_TEXT, widget=forms.Textarea(WIDE))  # fmt: skip
    pasted = forms.CharField(
        label=_("Mail, header and all"),
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(WIDE),
        help_text=_("What mail programs show as the source of a mail."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("What mail programs save as .eml; up to 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".eml,message/rfc822"}),
    )
    mailbox = forms.ChoiceField(
        label=_("As if it came to"),
        required=False,
        help_text=_("Senders and subject groups are those of this mailbox."),
    )
    rules = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        mailboxes: Sequence[str],
        may_read_mails: bool,
        chosen: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.choice("mailbox", [(name, name) for name in mailboxes])
        recent = Mail.objects.order_by("-seen_at", "-pk").values_list("pk", flat=True)[:RECENT]
        shown = Mail.objects.filter(Q(pk__in=list(recent)) | Q(pk=chosen)) if may_read_mails else ()
        if shown:
            field = self.fields["mail"]
            field.queryset = shown.select_related("mailbox").order_by("-seen_at", "-pk")  # type: ignore[attr-defined]  # it is a MailChoice
        sources = [pair for pair in SOURCES.items() if shown or pair[0] != "received"]
        self.choice("source", sources)
        self.fields["source"].initial = "received" if chosen and shown else "written"

    def choice(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST:
            raise ValidationError(gettext("The file is larger than 5 MB."))
        return file

    def clean_rules(self) -> RoutingRules | None:
        if not (text := self.cleaned_data["rules"]):
            return None
        try:
            return RoutingRules.model_validate(json.loads(text))
        except (ValueError, RecursionError):
            raise ValidationError(gettext("These are no rules.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needed = NEEDED.get(cleaned.get("source", ""))
        if needed and not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, gettext("Give a mail to try."))
        return cleaned

    def given(self) -> bytes:
        """The mail that was entered; not for a received one."""
        cleaned = self.cleaned_data
        if cleaned["source"] == "file":
            content: bytes = cleaned["file"].read()
            return content
        if cleaned["source"] == "pasted":
            return str(cleaned["pasted"]).encode("utf-8", "replace")
        return written_mail(cleaned["sender"], cleaned["subject"], cleaned["text"])
