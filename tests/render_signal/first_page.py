"""The first page as somebody sees it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client as Browser

from render_signal.dashboard.board import Board
from tests.render_signal.service import SECRETS, Service

FRAGMENT = "/admin/dashboard/"


def login(*permissions: str) -> Browser:
    """Somebody who may do everything, or just this."""
    if permissions:
        user = User.objects.create_user("anna", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    else:
        user = User.objects.create_superuser("ada")
    browser = Browser()
    browser.force_login(user)
    return browser


def board(browser: Browser | None = None, language: str = "en") -> tuple[Board, str]:
    answer = (browser or login()).get(FRAGMENT, headers={"accept-language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert not [secret for secret in SECRETS.values() if secret in text]
    return answer.context["board"], text


def save(service: Service, name: str, **fields: Any) -> None:
    service.redis.set(f"r:ss:config:{name}", json.dumps(fields))
