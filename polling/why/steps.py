"""The sentences of an answer, each with the page on which something can be done about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from configstore.labels import by_label
from webhooks.pages import Link, page_link

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")


@dataclass(frozen=True, kw_only=True)
class Step:
    """text names fields as their page does. resume: the endpoint that may be resumed beside it."""

    text: str
    link: Link | None = None
    resume: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", with_one_stop(by_label(self.text)))


def with_one_stop(text: str) -> str:
    """A time may end in a stop of its own: 9 a.m."""
    return TWO_STOPS.sub(".", text)


def mailbox_page(name: str, field: str = "") -> Link:
    return page_link(
        _("Settings of mailbox %(mailbox)s") % {"mailbox": name},
        reverse("admin:configstore_mailbox_change", args=[name]),
        field,
    )


def first_page() -> Link:
    return page_link(_("The first page"), reverse("admin:index"))


def delivery_page(pk: int) -> Link:
    return page_link(_("The delivery"), reverse("admin:webhooks_delivery_change", args=[pk]))


def mail_page(pk: int) -> Link:
    return page_link(_("The mail and its life"), reverse("admin:polling_mail_change", args=[pk]))


def state_page(pk: int) -> Link:
    address = reverse("admin:polling_mailboxstate_change", args=[pk])
    return page_link(_("State of the mailbox"), address)
