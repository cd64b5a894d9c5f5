"""What /health and /metrics say to somebody who asks in another process of the same container."""

from __future__ import annotations

import json
from typing import Any

from tests.servers.commands import MakeRunpoller
from tests.servers.runpoller import ManageCommand

CODE = "from django.test import Client; print(Client().get('{}').content.decode())"
VARIABLES = (
    "CONFIG_ENCRYPTION_KEYS",
    "DATABASE_URL",
    "EMAIL_ADDRESS",
    "EMAIL_OAUTH_REFRESH_TOKEN",
    "EMAIL_PASSWORD",
    "IMAP_PORT",
    "IMAP_SERVER",
    "IMAP_USE_SSL",
    "REDIS_URL",
)


def health(runpoller: ManageCommand, make_runpoller: MakeRunpoller) -> str:
    return page("/health", runpoller, make_runpoller)


def page(path: str, runpoller: ManageCommand, make_runpoller: MakeRunpoller) -> str:
    known = runpoller.environment
    variables = {name: known[name] for name in VARIABLES if name in known}
    asked = make_runpoller(
        "shell",
        "-c",
        CODE.format(path),
        folder=runpoller.folder,
        ALLOWED_HOSTS="testserver",
        **variables,
    )
    assert asked.wait() == 0
    return asked.output


def health_parts(runpoller: ManageCommand, make_runpoller: MakeRunpoller) -> dict[str, Any]:
    answer = health(runpoller, make_runpoller)
    parts: dict[str, Any] = json.loads(answer[answer.index("{\n") :])["parts"]
    return parts
