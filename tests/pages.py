"""Every address of the admin and of the login, read from the url patterns: a new page is tested
without a word here. `python -m tests.pages` prints them for the database of its environment."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import django

PLACEHOLDER = re.compile(r"<(?:\w+:)?(\w+)>")
# Django's own that are no pages: for its scripts, or by a pattern that any address fits.
NO_PAGES = {"admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:logout"}
# Files to be kept, not looked at.
DOWNLOADS = {
    "admin:configstore_export",
    "admin:polling_mail_raw",
    "admin:polling_mailboxstate_protocol_text",
}
# Buttons, pieces of pages, and what programs read.
NOT_LOOKED_AT = {
    "admin:webhooks_endpointstate_resume", "dashboard", "assistant_progress",
    "health", "live", "ready", "metrics",
}  # fmt: skip
# Models whose rows are documents.
DOCUMENTS = {
    "mailbox": "default",
    "webhook": "webhook_config",
    "processing": "processing_prefs",
    "routing": "routing_rules",
    "magiclink": "abc",
}


@dataclass(frozen=True)
class Address:
    name: str
    path: str


def addresses() -> list[Address]:
    from django.urls import get_resolver

    return list(_addresses(get_resolver().url_patterns, "/", ""))


def _addresses(patterns: Any, prefix: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _addresses(pattern.url_patterns, route, namespace + inner)
        elif pattern.name == "app_list":
            for app in ("auth", "configstore", "webhooks", "polling"):
                yield Address(f"{namespace}app_list", f"/admin/{app}/")
        elif pattern.name and namespace + pattern.name not in NO_PAGES:
            yield Address(namespace + pattern.name, PLACEHOLDER.sub(_example(route), route))


def _example(route: str) -> Callable[[re.Match[str]], str]:
    """What stands for the placeholder of this address."""

    def found(match: re.Match[str]) -> str:
        from django.apps import apps

        from polling.models import MailboxState
        from webhooks.models import Delivery

        special: dict[str, Callable[[], str]] = {
            "link": lambda: "abc",
            "message_id": lambda: Delivery.objects.latest("pk").message_id,
            "mailbox": lambda: MailboxState.objects.latest("pk").name,
        }
        if match[1] in special:
            return special[match[1]]()
        _, _, app, model, *_ = route.split("/")
        if model in DOCUMENTS:
            return DOCUMENTS[model]
        row = apps.get_model(app, model)._default_manager.order_by("pk").last()
        assert row is not None, f"{route} needs a row: make one in tests/browser/seed.py"
        return str(row.pk)

    return found


if __name__ == "__main__":
    django.setup()
    json.dump([asdict(address) for address in addresses()], sys.stdout)
