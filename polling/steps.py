"""The sentences of an answer, each with the page on which something can be done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from configstore.documents import ProcessingPrefs, WebhookConfig
from webhooks.endpoints import DEFAULT

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")


@dataclass(frozen=True, kw_only=True)
class Link:
    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Step:
    text: str
    link: Link | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", with_one_stop(self.text))


def with_one_stop(text: str) -> str:
    """A time may end in a stop of its own: 9 a.m."""
    return TWO_STOPS.sub(".", text)


def moment(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")


def mailbox_page(name: str, field: str = "") -> Link:
    return _page(
        _("Settings of mailbox %(mailbox)s") % {"mailbox": name},
        reverse("admin:configstore_mailbox_change", args=[name]),
        field,
    )


def processing_page(field: str) -> Link:
    address = reverse("admin:configstore_processing_change", args=[ProcessingPrefs.NAME])
    return _page(_("Settings of processing"), address, field)


def endpoint_page(name: str) -> Link:
    page = WebhookConfig.NAME if name == DEFAULT else name
    return _page(
        _("Settings of endpoint %(endpoint)s") % {"endpoint": name},
        reverse("admin:configstore_webhook_change", args=[page]),
    )


def endpoint_states() -> Link:
    return _page(_("Endpoint states"), reverse("admin:webhooks_endpointstate_changelist"))


def delivery_page(pk: int) -> Link:
    return _page(_("The delivery"), reverse("admin:webhooks_delivery_change", args=[pk]))


def mail_page(pk: int) -> Link:
    return _page(_("The mail and its life"), reverse("admin:polling_mail_change", args=[pk]))


def state_page(pk: int) -> Link:
    return _page(_("State of the mailbox"), reverse("admin:polling_mailboxstate_change", args=[pk]))


def _page(label: str, address: str, field: str = "") -> Link:
    return Link(label=label, address=f"{address}#row_{field}" if field else address)
