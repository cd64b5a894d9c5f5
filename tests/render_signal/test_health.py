from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client as Browser
from django.utils import timezone
from redis import Redis

from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.fields import WEEKDAYS
from polling.accounts import DEFAULT, find_account
from polling.lock import KEY, FileLock
from polling.models import MailboxState
from runtime.redis import _client
from tests.servers.redis import RedisServer
from tests.webhooks.examples import endpoint as to
from tests.webhooks.examples import enqueue
from webhooks.client import Client
from webhooks.endpoints import default_endpoint
from webhooks.models import EndpointState

pytestmark = pytest.mark.django_db

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
            "webhook_config": {"webhook_url": f"https://h.example/{SECRETS['WEBHOOK']}"}
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


@pytest.fixture
def service(settings: LazySettings, tmp_path: Path, redis_url: str) -> Iterator[Service]:
    config_store.cache_clear()
    yield Service(settings, tmp_path, redis_url)
    config_store.cache_clear()
    _client.cache_clear()


def test_all_is_well(service: Service) -> None:
    answer = service.health()
    assert (service.status, answer["status"]) == (200, "ok")
    assert {part["status"] for part in answer["parts"].values()} == {"ok"}


def test_each_critical_part_is_named(service: Service) -> None:
    parts = service.health()["parts"]
    assert set(parts) == {"database", "redis", "configuration", "lock", "mailbox", "deliveries"}


def test_it_says_who_holds_the_lock_and_not_the_token(service: Service) -> None:
    lock = service.health()["parts"]["lock"]
    assert lock["holder"] == {"pid": "7", "host": "web-1", "since": "now"}


def test_a_lock_that_nobody_holds_is_told(service: Service) -> None:
    service.redis.delete(KEY)
    answer = service.health()
    assert (service.status, answer["parts"]["lock"]["status"]) == (200, "degraded")


def test_without_redis_it_works_on_with_less(service: Service, redis_server: RedisServer) -> None:
    service.health()
    redis_server.kill()
    answer = service.health()
    assert (service.status, answer["status"]) == (200, "degraded")
    assert answer["parts"]["redis"]["status"] == "degraded"


def test_without_redis_the_holder_of_the_file_lock_is_told(
    service: Service, settings: LazySettings, redis_server: RedisServer
) -> None:
    service.health()
    redis_server.kill()
    held = FileLock(settings.BG_POLLER_LOCK_FILE, "default")
    held.acquire()
    lock = service.health()["parts"]["lock"]
    held.release()
    assert (lock["kind"], set(lock["holder"])) == ("file", {"pid", "host", "since"})


def test_a_mailbox_in_trouble_is_a_failure(service: Service) -> None:
    service.mailbox.note_trouble("IMAP login failed for a@example.com", "auth", timezone.now())
    answer = service.health()
    assert (service.status, answer["status"]) == (503, "failed")
    assert answer["parts"]["mailbox"]["detail"] == "IMAP login failed for a@example.com"


@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 503)])
def test_a_mailbox_that_was_not_searched_for_long_is_a_failure(
    service: Service, minutes: int, status: int
) -> None:
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=minutes))
    service.health()
    assert service.status == status


def test_further_mailboxes_are_named_each_with_its_lock(service: Service) -> None:
    sales = {
        "imap_host": "imap.example.com",
        "imap_user": "sales@example.com",
        "imap_password": SECRETS["EMAIL_PASSWORD"],
    }
    service.redis.set("r:ss:config:polling_config", '{"mailboxes": ["sales", "new"]}')
    service.redis.set("r:ss:config:polling_config:sales", json.dumps(sales))
    service.redis.set(f"{KEY}:sales", "pid=8 host=worker-2 since=now token=t")
    state = MailboxState.of(find_account(config_store(), "sales"))
    state.note_trouble("IMAP login failed", "authentication", timezone.now())
    answer = service.health()
    parts = answer["parts"]
    assert (service.status, parts["mailbox"]["status"]) == (503, "ok")
    assert parts["mailbox:sales"]["detail"] == "IMAP login failed"
    assert parts["lock:sales"]["holder"] == {"pid": "8", "host": "worker-2", "since": "now"}
    assert parts["mailbox:new"] == {
        "status": "degraded",
        "detail": "It is not set up: polling_config:new lacks imap_host, imap_user, imap_password",
    }
    assert parts["lock:new"]["status"] == "degraded"
    assert parts["configuration"]["sources"]["polling_config:sales"] == "Redis"


def test_a_faulty_document_of_a_further_mailbox_fails_that_one_alone(service: Service) -> None:
    service.redis.set("r:ss:config:polling_config", '{"mailboxes": ["sales"]}')
    service.redis.set("r:ss:config:polling_config:sales", '{"imap_port": 0}')
    parts = service.health()["parts"]
    assert (parts["mailbox"]["status"], parts["mailbox:sales"]["status"]) == ("ok", "failed")
    assert "imap_port" in parts["mailbox:sales"]["detail"]


def test_a_mailbox_that_lacks_a_field_says_which(service: Service, settings: LazySettings) -> None:
    settings.EMAIL_PASSWORD = ""
    part = service.health()["parts"]["mailbox"]
    assert part["status"] == "degraded"
    assert "imap_password (EMAIL_PASSWORD)" in part["detail"]


def test_a_mailbox_outside_its_hours_is_well(service: Service) -> None:
    service.mailbox.note_searched(timezone.now() - timedelta(days=2))
    service.redis.set("r:ss:config:polling_config", '{"active_days": []}')
    answer = service.health()
    assert service.status == 200
    assert answer["parts"]["mailbox"]["detail"] == "standing down: not an active day"


def test_a_configuration_that_is_unknown_is_a_failure(
    service: Service, redis_server: RedisServer
) -> None:
    redis_server.kill()
    answer = service.health()
    assert service.status == 503
    assert answer["parts"]["configuration"]["status"] == "failed"


def test_a_faulty_document_is_told_by_its_field(service: Service) -> None:
    service.health()
    service.redis.set("r:ss:config:polling_config", '{"interval_seconds": 0}')
    config_store.cache_clear()
    answer = service.health()
    assert service.status == 200
    assert "interval_seconds" in answer["parts"]["configuration"]["detail"]


def test_a_faulty_document_is_told_without_its_value(service: Service) -> None:
    service.health()
    url = f"https://{SECRETS['WEBHOOK']}\u2100.example/"
    service.redis.set("r:ss:config:webhook_config", json.dumps({"webhook_url": url}))
    config_store.cache_clear()
    assert "webhook_url" in service.health()["parts"]["configuration"]["detail"]


def test_deliveries_that_wait_for_long_are_told(service: Service) -> None:
    enqueue("a", at=timezone.now() - timedelta(minutes=20))
    answer = service.health()
    assert (service.status, answer["parts"]["deliveries"]["status"]) == (200, "degraded")
    assert answer["parts"]["deliveries"]["waiting"] == 1


@pytest.mark.parametrize(
    "url", ["https://a b.example/{secret}", "http://127.0.0.1:1/{secret}", "http://{secret}@h/"]
)
def test_the_trouble_of_an_endpoint_is_told_without_its_address(
    service: Service, settings: LazySettings, url: str
) -> None:
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    result = Client().send(to(url.format(secret=SECRETS["WEBHOOK"])), "msg_1", "{}")
    EndpointState.objects.create(endpoint="default", fingerprint="x", last_error=result.error)
    enqueue("a", at=timezone.now())
    assert service.health()["parts"]["deliveries"]["endpoint"] == result.error


def pause_endpoint(service: Service) -> None:
    webhook = config_store().get(WebhookConfig)
    endpoint = default_endpoint(webhook, ProcessingPrefs())
    assert endpoint is not None
    EndpointState.objects.create(
        endpoint=endpoint.id, fingerprint=endpoint.fingerprint, paused="it answered 410 Gone"
    )


def test_an_endpoint_that_is_paused_is_told_at_once(service: Service) -> None:
    pause_endpoint(service)
    part = service.health()["parts"]["deliveries"]
    assert (part["status"], part["detail"]) == ("degraded", "it answered 410 Gone")
    assert service.status == 200


def test_the_pause_of_a_former_address_is_not_told(service: Service) -> None:
    pause_endpoint(service)
    EndpointState.objects.update(fingerprint="of another")
    assert service.health()["parts"]["deliveries"]["status"] == "ok"


@pytest.mark.parametrize(("names", "status"), [(["a"], "degraded"), ([], "ok")])
def test_a_missing_url_is_told_as_soon_as_something_waits(
    service: Service, names: list[str], status: str
) -> None:
    enqueue(*names, at=timezone.now())
    service.redis.set("r:ss:config:webhook_config", '{"webhook_url": null}')
    part = service.health()["parts"]["deliveries"]
    assert (part["status"], "WEBHOOK_URL" in part["detail"]) == (status, True)


def test_a_pause_says_what_holds_and_until_when(service: Service) -> None:
    document = {"absence_pause_enabled": True, "absence_pause_days": list(WEEKDAYS)}
    service.redis.set("r:ss:config:webhook_config", json.dumps(document))
    part = service.health()["parts"]["deliveries"]
    assert part["status"] == "ok"
    assert part["detail"] == "Deliveries are held: absence, until it is changed"


def test_a_url_that_cannot_be_used_is_told_at_once(service: Service) -> None:
    url = f"https://10.0.0.1/{SECRETS['WEBHOOK']}"
    service.redis.set("r:ss:config:webhook_config", json.dumps({"webhook_url": url}))
    part = service.health()["parts"]["deliveries"]
    assert part["status"] == "degraded"
    assert part["detail"].startswith("the webhook URL cannot be used: 10.0.0.1 is at")


def test_it_answers_soon_when_redis_is_frozen(service: Service, redis_server: RedisServer) -> None:
    service.health()
    redis_server.freeze()
    time.sleep(2.1)  # the configuration has to be asked for again
    begun = time.monotonic()
    answer = service.health()
    assert time.monotonic() - begun < 3.5
    assert (service.status, answer["status"]) == (200, "degraded")


def test_it_may_be_asked_for_and_nothing_else(service: Service) -> None:
    browser = Browser()
    assert browser.head("/health").status_code == 200
    for ask in (browser.post, browser.put, browser.delete, browser.patch):
        assert ask("/health").status_code == 405


def test_nobody_keeps_the_answer(service: Service) -> None:
    assert "no-store" in Browser().get("/health")["Cache-Control"]
