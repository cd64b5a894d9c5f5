"""What ends a hold: a page on which it is changed, and for some a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from webhooks.destinations import NOT_LISTED, Destination
from webhooks.pages import Link, endpoint_add_page, endpoint_page, processing_page
from webhooks.pause import ABSENCE, NO_URL, OUTSIDE, SWITCHED_OFF, Pause

FIELDS = {
    ABSENCE: "absence_pause_enabled",
    SWITCHED_OFF: "webhook_sending_enabled",
    OUTSIDE: "webhook_time_start",
    NO_URL: "webhook_url",
}


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """resume: the endpoint that “Resume” lets go at once, "" where it does not. adds: the page
    describes a new endpoint."""

    link: Link
    resume: str = ""
    adds: bool = False


def offered(remedies: Iterable[Remedy], user: User | AnonymousUser) -> list[Remedy]:
    """Those whose page the person may open."""
    return [each for each in remedies if not each.link.needs or user.has_perm(each.link.needs)]


def remedy(destination: Destination) -> Remedy | None:
    """None where nothing holds it."""
    name, pause, state = destination.name, destination.pause, destination.state
    if pause is None:
        failing = state is not None and state.failures > 0
        return Remedy(link=endpoint_page(name), resume=name) if failing else None
    if pause.reason == NOT_LISTED:
        return Remedy(link=endpoint_add_page(name), adds=True)
    return Remedy(link=_page(destination, pause), resume=name if pause.resumable else "")


def _page(destination: Destination, pause: Pause) -> Link:
    name = destination.name
    if pause.reason in FIELDS:
        return endpoint_page(name, FIELDS[pause.reason])
    if pause.until is not None:
        return processing_page("rate_limit_per_hour")
    return endpoint_page(name, "webhook_url" if destination.endpoint else "")
