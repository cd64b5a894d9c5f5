"""A page of the settings, saved, and what is told of it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.configstore.admin.html_form import filled


def save(browser: Client, address: str, **changes: Any) -> Any:
    return browser.post(address, filled(browser.get(address), **changes), follow=True)


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])
