"""What the pages call a document and its fields, for the history, which knows them by the names
that they are stored under."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from configstore.admin.endpoints import EndpointAdmin
from configstore.admin.mailboxes import MailboxAdmin
from configstore.admin.permissions import MODELS
from configstore.differences import Difference
from configstore.documents import PollingConfig, WebhookConfig, kind_of
from configstore.labels import FORMS
from configstore.naming import further_name

WORDS = {PollingConfig: MailboxAdmin.words, WebhookConfig: EndpointAdmin.words}


def title_of(document: str) -> str:
    """As the page of that document is titled."""
    kind, name = kind_of(document), further_name(document)
    if kind is None:
        return document
    if words := WORDS.get(kind):
        return str(words.one % {"name": name} if name else words.default)
    model = apps.get_model("configstore", MODELS[kind])
    return capfirst(str(model._meta.verbose_name))


def label_of(document: str, field: str) -> str:
    """As the form labels the field; what is in no form keeps its stored name."""
    kind = kind_of(document)
    name, dot, inner = field.partition(".")
    form = FORMS.get(kind) if kind else None
    found: Any = form.base_fields.get(name) if form else None
    return f"{found.label}{dot}{inner}" if found is not None and found.label else field


def told(document: str, change: Difference) -> str:
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": label_of(document, change.field), "before": change.before, "after": change.after,
    }  # fmt: skip


class DocumentFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": title_of(str(choice["display"]))}
