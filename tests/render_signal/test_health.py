from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client as Browser
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig, RoutingRules, WebhookConfig
from polling.accounts import find_account
from polling.errors import Kind
from polling.lock import FileLock
from polling.models import MailboxState
from render_signal.health import parts as health_parts
from render_signal.parts import SAID
from tests.render_signal.service import KEY, SECRETS, Service
from tests.servers.redis import RedisServer


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


def test_without_redis_a_lock_that_cannot_be_seen_is_not_said_to_be_free(
    service: Service, redis_server: RedisServer
) -> None:
    service.health()
    redis_server.kill()
    lock = service.health()["parts"]["lock"]
    assert lock["status"] == "degraded"
    assert lock["detail"].startswith("not known: Redis cannot be asked")


def test_what_was_read_before_redis_went_is_the_last_good_copy(
    service: Service, redis_server: RedisServer
) -> None:
    service.redis.set("r:ss:config:polling_config", "{}")
    assert service.health()["parts"]["configuration"]["sources"]["polling_config"] == "Redis"
    redis_server.kill()
    config_store().current(PollingConfig)
    sources = service.health()["parts"]["configuration"]["sources"]
    assert sources["polling_config"] == "last good copy"


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


@pytest.mark.parametrize("kind", Kind)
def test_a_mailbox_in_trouble_is_a_failure_in_our_own_words(service: Service, kind: Kind) -> None:
    said = "IMAP login failed: no such user a@example.com"
    service.mailbox.note_trouble(said, kind.value, timezone.now())
    answer = service.health()
    part = answer["parts"]["mailbox"]
    assert (service.status, answer["status"], part["kind"]) == (503, "failed", kind.value)
    assert part["detail"]
    assert said not in service.body and "a@example.com" not in service.body
    assert health_parts()["mailbox"][SAID] == said


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
    assert parts["mailbox:sales"]["detail"].startswith("the login is refused")
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


def test_a_faulty_document_of_a_further_endpoint_is_told_and_holds_that_one_alone(
    service: Service,
) -> None:
    default = {"webhook_url": "https://h.example/x", "endpoints": ["crm"]}
    service.redis.set("r:ss:config:webhook_config", json.dumps(default))
    service.redis.set("r:ss:config:webhook_config:crm", "{}")
    service.health()
    service.redis.set("r:ss:config:webhook_config:crm", '{"webhook_delivery_mode": "fax"}')
    config_store().current(WebhookConfig, "webhook_config:crm")
    configuration = service.health()["parts"]["configuration"]
    assert configuration["status"] == "degraded"
    assert "faulty webhook_config:crm: webhook_delivery_mode" in configuration["detail"]
    assert "webhook_config:crm" in configuration["sources"]


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


def test_it_answers_soon_when_redis_is_frozen(service: Service, redis_server: RedisServer) -> None:
    service.health()
    redis_server.freeze()
    time.sleep(2.1)  # the configuration has to be asked for again
    begun = time.monotonic()
    answer = service.health()
    assert time.monotonic() - begun < 3.5
    assert (service.status, answer["status"]) == (200, "degraded")
    for lock in (answer["parts"]["lock"], service.health()["parts"]["lock"]):
        assert lock["detail"].startswith(("no answer", "not known"))


def test_it_may_be_asked_for_and_nothing_else(service: Service) -> None:
    browser = Browser()
    assert browser.head("/health").status_code == 200
    for ask in (browser.post, browser.put, browser.delete, browser.patch):
        assert ask("/health").status_code == 405


def test_nobody_keeps_the_answer(service: Service) -> None:
    assert "no-store" in Browser().get("/health")["Cache-Control"]


@pytest.mark.parametrize(("listed", "status"), [([], "degraded"), (["sales"], "ok")])
def test_a_rule_that_leads_nowhere_is_told(
    service: Service, listed: list[str], status: str
) -> None:
    store = config_store()
    store.update(WebhookConfig, "webhook_config", lambda raw: raw | {"endpoints": listed})
    rules = {"rules": [{"name": "Lots", "endpoint": "sales"}]}
    store.update(RoutingRules, "routing_rules", lambda _: rules)
    part = service.health()["parts"]["routing"]
    assert (part["status"], part["rules"]) == (status, 1)
    assert ("rule 'Lots' leads to endpoint sales" in part.get("detail", "")) == (listed == [])
