"""Fields by the label that their page shows, for sentences that name them as they are stored."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from configstore.document import Document
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.forms.base import DocumentForm
from configstore.forms.mailbox import MailboxForm
from configstore.forms.processing import ProcessingForm
from configstore.forms.webhook import WebhookForm

FORMS: dict[type[Document], type[DocumentForm]] = {
    PollingConfig: MailboxForm,
    WebhookConfig: WebhookForm,
    ProcessingPrefs: ProcessingForm,
}


def by_label(text: str) -> str:
    """Only names of several words: a name of one may be any word of the text."""
    return _names().sub(lambda found: quoted(found[0]), text)


def quoted(name: str) -> str:
    return _("“%(label)s”") % {"label": str(_labels()[name]).rstrip(":")}


@cache
def _labels() -> dict[str, Any]:
    fields = (form.base_fields.items() for form in FORMS.values())
    return {name: field.label for each in fields for name, field in each if field.label}


@cache
def _names() -> re.Pattern[str]:
    names = sorted((name for name in _labels() if "_" in name), key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(names)})(?![\w.]*\w)")
