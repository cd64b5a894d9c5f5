"""The steps of the assistant, as a person takes them."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from tests.configstore.admin.html_form import filled
from tests.servers.mailbox import Mailbox

STEPS = ("mailbox", "endpoint", "senders", "trial", "finish")


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def submit(browser: Client, step: str, button: str = "_test", **changes: Any) -> Any:
    address = reverse(f"assistant_{step}")
    fields = filled(browser.get(address), **changes)
    return browser.post(address, {**fields, button: ""})


def entered(mailbox: Mailbox, **changes: Any) -> dict[str, Any]:
    return {
        "imap_user": mailbox.user,
        "imap_host": mailbox.host,
        "imap_port": mailbox.port,
        "imap_security": "none",
        "imap_password": mailbox.password,
        **changes,
    }


def allow(settings: LazySettings) -> None:
    """Webhooks may go to this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
