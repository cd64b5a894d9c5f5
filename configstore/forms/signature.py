"""What tells a receiver that a webhook is ours: signing secrets, and headers of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError as Faulty

from configstore.document import faults
from configstore.documents import WebhookConfig
from configstore.fields import DEFAULT, MOST_SECRETS
from configstore.forms.base import DocumentForm, Section
from configstore.forms.fields import STORED, HeadersField, SigningSecretsField
from configstore.secrets import SecretUnreadable, decrypt, encrypt
from configstore.signing_secrets import derived_secrets, make_secret
from configstore.wording import translated

NEW = "new"
SHOWN = 4
SIGNATURE = Section(
    title=_("Signature and headers"),
    description=_("How the receiver knows that a webhook comes from here."),
    fields=("webhook_signing_secrets", "webhook_headers"),
)


class SignatureForm(DocumentForm):
    """The fields of SIGNATURE. made is the secret that saving it makes, to be shown once."""

    webhook_signing_secrets = SigningSecretsField(label=_("Signing secrets"))
    webhook_headers = HeadersField(
        label=_("Secret headers"),
        help_text=_(
            "One a line, as in x-make-apikey: value. They go with each webhook and are stored "
            "encrypted; a line that shows ******** keeps its value."
        ),
    )

    def __init__(self, *args: Any, endpoint: str = DEFAULT, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._endpoint = endpoint
        self._present: Sequence[str] = self.initial["webhook_signing_secrets"]
        if field := self.fields.get("webhook_signing_secrets"):
            field.choices = [(NEW, _("Make a new secret")), *self._removals()]  # type: ignore[attr-defined]  # it has choices
            field.help_text = self._told()

    @property
    def made(self) -> str:
        return self._new if NEW in self.cleaned_data.get("webhook_signing_secrets", ()) else ""

    def clean_webhook_signing_secrets(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["webhook_signing_secrets"]
        if len(self._signing(chosen)) > MOST_SECRETS:
            raise ValidationError(
                gettext("An endpoint has %(count)d secrets at most: remove one of them.")
                % {"count": MOST_SECRETS}
            )
        return chosen

    def clean_webhook_headers(self) -> dict[str, str]:
        headers: dict[str, str] = self.cleaned_data["webhook_headers"]
        try:
            WebhookConfig.model_validate({"webhook_headers": headers})
        except Faulty as exc:
            raise ValidationError([_fault(*each) for each in faults(exc)]) from None
        for name, value in headers.items():
            if value == STORED and name.lower() not in self._stored:
                raise ValidationError(
                    gettext("%(name)s: enter the value, none is stored for it.") % {"name": name}
                )
        return headers

    def clean(self) -> dict[str, Any]:
        """Whoever may change the address must not have the stored values sent to one of theirs."""
        cleaned = super().clean()
        unchecked = "webhook_ssl_verify" in self.changed_data and not cleaned["webhook_ssl_verify"]
        elsewhere = "webhook_url" in self.changed_data or unchecked
        asked = "webhook_headers" in self.fields
        kept = cleaned.get("webhook_headers", {}) if asked else dict.fromkeys(self._stored, STORED)
        if elsewhere and STORED in kept.values():
            sentence = gettext("Enter the values again: they are stored for another address.")
            self.add_error("webhook_headers" if asked else None, sentence)
        return cleaned

    def stored_value(self, name: str, value: Any) -> Any:
        if name == "webhook_signing_secrets":
            return self._signing(value)
        if name == "webhook_headers":
            return {
                key: self._stored[key.lower()] if text == STORED else encrypt(text)
                for key, text in value.items()
            }
        return value

    def mask(self) -> None:
        super().mask()
        field = self.fields["webhook_signing_secrets"]
        field.choices = []  # type: ignore[attr-defined]  # it has choices
        count = len(self._present)
        field.help_text = ngettext("%d is stored.", "%d are stored.", count) % count

    @cached_property
    def _new(self) -> str:
        return make_secret()

    @property
    def _stored(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.initial["webhook_headers"].items()}

    def _signing(self, chosen: Sequence[str]) -> list[str]:
        """The secrets as they are then. Receivers that know the derived one go on with it until
        it is removed, as with any other."""
        left = [secret for secret in self._present if _mark(secret) not in chosen]
        if NEW not in chosen:
            return left
        former = left if self._present else [*map(encrypt, derived_secrets(self._endpoint))]
        return [encrypt(self._new), *former[: None if self._present else MOST_SECRETS - 1]]

    def _removals(self) -> list[tuple[str, str]]:
        return [
            (_mark(secret), _removal(secret, newest=not number))
            for number, secret in enumerate(self._present)
        ]

    def _told(self) -> str:
        if self._present:
            return gettext(
                "Each of them signs every webhook, so that receivers can change from one to the "
                "next: make a new one, enter it there, then remove the former."
            )
        command = "manage.py signingsecret" + f" {self._endpoint}" * (self._endpoint != DEFAULT)
        return gettext(
            "There is none: the one that follows from SECRET_KEY signs, and “%(command)s” prints "
            "it. It signs beside a new one until it is removed here."
        ) % {"command": command}


def _mark(secret: str) -> str:
    """By which a page names a secret that it does not tell."""
    return hashlib.sha256(_clear(secret).encode()).hexdigest()[:16]


def _removal(secret: str, *, newest: bool) -> str:
    end = _clear(secret)[-SHOWN - 1 :]
    if newest:
        return gettext("Remove the newest one, …%(end)s") % {"end": end}
    return gettext("Remove …%(end)s") % {"end": end}


def _clear(secret: str) -> str:
    """What nobody can read any more can be removed all the same."""
    try:
        return decrypt(secret)
    except SecretUnreadable:
        return secret


def _fault(where: str, what: str) -> str:
    name = where.removeprefix("webhook_headers.").removesuffix(".[key]")
    return gettext("%(field)s: %(fault)s") % {"field": name, "fault": translated(what)}
