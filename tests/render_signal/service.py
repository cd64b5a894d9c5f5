"""The web side as the tests of /health ask it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import LazySettings
from django.test import Client as Browser
from django.utils import timezone
from redis import Redis

from configstore.declared import config_store
from polling.accounts import DEFAULT, find_account
from polling.models import MailboxState

KEY = "render_signal:poller_lock"
SECRETS = {
    "EMAIL_PASSWORD": "s3cret-mail",
    "SECRET_KEY": "s3cret-key" + "0" * 40,
    "WEBHOOK": "s3cret-hook",
    "TOKEN": "s3cret-token",
}


class Service:
    """The web side, with a mailbox that was searched a moment ago and a lock that is held."""

    def __init__(self, settings: LazySettings, folder: Path, url: str) -> None:
        settings.CONFIG_STORE_DIR = folder
        settings.CONFIG_DEFAULTS = {
            "webhook_config": {"webhook_url": f"https://h.example/{SECRETS['WEBHOOK']}"},
            "processing_prefs": {
                "notify_on_failure": True,
                "alert_webhook_url": f"https://h.example/{SECRETS['WEBHOOK']}",
            },
        }
        settings.CONFIG_STORES = [
            {
                "BACKEND": "configstore.backends.redis.RedisBackend",
                "OPTIONS": {"prefix": "r:ss:config:"},
            },
            {
                "BACKEND": "configstore.backends.file.FileBackend",
                "OPTIONS": {"directory": folder},
            },
        ]
        settings.REDIS_URL = url
        settings.BG_POLLER_LOCK_FILE = folder / "poller.lock"
        settings.IMAP_SERVER = "imap.example.com"
        settings.EMAIL_ADDRESS = "a@example.com"
        settings.EMAIL_PASSWORD = SECRETS["EMAIL_PASSWORD"]
        self.redis = Redis.from_url(url)
        self.redis.set(KEY, f"pid=7 host=web-1 since=now place=p token={SECRETS['TOKEN']}")
        self.mailbox = MailboxState.of(find_account(config_store(), DEFAULT))
        config_store.cache_clear()
        self.mailbox.note_searched(timezone.now())
        self.status = 0
        self.body = ""

    def health(self) -> dict[str, Any]:
        response = Browser().get("/health")
        self.status, self.body = response.status_code, response.content.decode()
        answer: dict[str, Any] = json.loads(self.body)
        assert not [secret for secret in SECRETS.values() if secret in self.body]
        return answer
