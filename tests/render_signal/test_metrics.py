from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from configstore.declared import config_store
from configstore.documents import PollingConfig
from polling.errors import Kind
from polling.lock import FileLock
from polling.models import Mail, MailState, Tally
from polling.tally import TallyWriter
from render_signal.metrics.totals import DECLARING, PREFIX
from runtime import counters
from runtime.counters import Histogram
from tests.render_signal.scrape import Scraped, scraped, value
from tests.render_signal.service import KEY, SECRETS, Service
from tests.servers.redis import RedisServer
from tests.webhooks.examples import enqueue
from webhooks.metrics import ATTEMPT_SECONDS, ATTEMPTS
from webhooks.models import Delivery, State


def text(**headers: str) -> str:
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def scrape() -> Scraped:
    return scraped(text())


def test_prometheus_can_read_it(service: Service) -> None:
    ATTEMPTS.add(endpoint='a "b"\n\\', outcome="failed")
    TallyWriter().write()
    families = list(text_string_to_metric_families(text()))
    assert len(families) > 10
    assert all(family.name.startswith(PREFIX) and family.documentation for family in families)
    assert value(scrape(), "attempts_total", endpoint='a "b"\n\\', outcome="failed") == 1


def test_it_also_speaks_openmetrics(service: Service) -> None:
    assert text(accept="application/openmetrics-text; version=1.0.0").endswith("# EOF\n")


def test_names_are_those_that_prometheus_wants() -> None:
    assert DECLARING
    for metric in counters.declared():
        assert metric.about.endswith(".")
        if isinstance(metric, Histogram):
            assert metric.name.endswith("_seconds")
            assert list(metric.bounds) == sorted({*metric.bounds})


def test_a_histogram_adds_up_from_bucket_to_bucket(service: Service) -> None:
    for seconds in (0.01, 0.3, 1000):
        ATTEMPT_SECONDS.observe(seconds, endpoint="default")
    TallyWriter().write()
    found = scrape()
    buckets = {
        le: value(found, "attempt_seconds_bucket", endpoint="default", le=le)
        for le in ("0.05", "0.25", "0.5", "300", "+Inf")
    }
    assert buckets == {"0.05": 1, "0.25": 1, "0.5": 2, "300": 2, "+Inf": 3}
    assert value(found, "attempt_seconds_count", endpoint="default") == 3
    assert value(found, "attempt_seconds_sum", endpoint="default") == pytest.approx(1000.31)


def test_what_has_not_happened_yet_is_zero(service: Service) -> None:
    """rate() sees nothing of a series that is not there before its first step."""
    found = scrape()
    for kind in Kind:
        reconnects = value(found, "imap_reconnects_total", mailbox="default", kind=kind.value)
        assert reconnects == 0
    assert value(found, "deliveries_settled_total", endpoint="default", state="dead") == 0
    assert value(found, "attempt_seconds_bucket", endpoint="default", le="+Inf") == 0
    assert value(found, "r2_transfers_total", outcome="failed") == 0


def test_it_tells_how_it_stands(service: Service) -> None:
    now = timezone.now()
    enqueue("a", "b", at=now - timedelta(minutes=5))
    Delivery.objects.filter(message_id="b").update(state=State.DEAD, settled_at=now)
    Mail.objects.create(
        mailbox=service.mailbox, uidvalidity=1, uid=1, state=MailState.QUARANTINED, seen_at=now
    )
    found = scrape()
    assert value(found, "deliveries", endpoint="default", state="queued") == 1
    assert value(found, "deliveries", endpoint="default", state="dead") == 1
    oldest = value(found, "deliveries_oldest_waiting_seconds", endpoint="default")
    assert oldest is not None and 300 <= oldest < 400
    assert value(found, "mails_quarantined", mailbox="default") == 1
    assert value(found, "lock_held", mailbox="default", kind="redis") == 1
    source = {"document": "polling_config", "source": "defaults"}
    assert value(found, "config_document_info", **source) == 1


def test_a_lock_that_nobody_holds_is_told(service: Service) -> None:
    service.redis.delete(KEY)
    assert value(scrape(), "lock_held", mailbox="default", kind="redis") == 0


def test_pollers_that_have_signed_in_are_counted(service: Service) -> None:
    now = time.time() * 1000
    service.redis.zadd(f"{KEY}_pollers", {"pid=1 host=a": now, "pid=1 host=b": now})
    assert value(scrape(), "pollers") == 2


def test_without_redis_nothing_is_said_of_what_it_alone_knows(
    service: Service, redis_server: RedisServer
) -> None:
    assert value(scrape(), "pollers") == 0
    redis_server.kill()
    found = scrape()
    told = {name for name, _ in found}
    assert "config_document_info" in told
    assert not {"lock_held", "pollers"} & told
    assert value(found, "scrape_success", part="locks") == 0
    assert value(found, "scrape_success", part="database") == 1


def test_nothing_is_said_for_a_redis_that_is_silent(
    service: Service, redis_server: RedisServer
) -> None:
    scrape()
    redis_server.freeze()
    for _ in range(2):
        found = scrape()
        assert not {"lock_held", "pollers"} & {name for name, _ in found}
        assert value(found, "scrape_success", part="locks") == 0


def test_without_redis_the_file_lock_of_this_machine_is_told(
    service: Service, settings: LazySettings, redis_server: RedisServer
) -> None:
    scrape()
    redis_server.kill()
    held = FileLock(settings.BG_POLLER_LOCK_FILE, "default")
    held.acquire()
    found = scrape()
    held.release()
    assert value(found, "lock_held", mailbox="default", kind="file") == 1
    assert value(found, "pollers") is None
    assert value(found, "scrape_success", part="locks") == 0


def test_where_no_redis_is_set_the_file_lock_is_all_there_is(
    service: Service, settings: LazySettings
) -> None:
    settings.REDIS_URL = ""
    found = scrape()
    assert value(found, "lock_held", mailbox="default", kind="file") == 0
    assert value(found, "pollers") == 0
    assert value(found, "scrape_success", part="locks") == 1


def test_what_was_read_before_redis_went_is_the_last_good_copy(
    service: Service, redis_server: RedisServer
) -> None:
    service.redis.set("r:ss:config:polling_config", "{}")
    fresh = {"document": "polling_config", "source": "Redis"}
    assert value(scrape(), "config_document_info", **fresh) == 1
    redis_server.kill()
    config_store().current(PollingConfig)
    found = scrape()
    assert value(found, "config_document_info", **fresh) is None
    assert value(found, "config_document_info", **fresh | {"source": "last good copy"}) == 1


def test_without_a_database_it_says_so(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(Tally.objects, "values_list", fail)
    found = scrape()
    assert value(found, "scrape_success", part="database") == 0
    assert value(found, "lock_held", mailbox="default", kind="redis") == 1


def test_no_secret_and_no_address_is_told(service: Service) -> None:
    enqueue("a", at=timezone.now())
    told = text()
    assert not [secret for secret in SECRETS.values() if secret in told]
    assert not [word for word in ("@", "http", "imap.example.com", "h.example") if word in told]


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", "Basic s3cret", "s3cret", "Bearer é"]
)
def test_who_does_not_know_the_token_is_told_nothing(settings: LazySettings, given: str) -> None:
    settings.METRICS_TOKEN = "s3cret"
    answer = Client().get("/metrics", headers={"authorization": given})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert b"render_signal_" not in answer.content


def test_who_knows_the_token_is_answered(service: Service, settings: LazySettings) -> None:
    settings.METRICS_TOKEN = "s3cret"
    assert "render_signal_scrape_success" in text(authorization="Bearer s3cret")


def test_it_may_be_asked_for_and_nothing_else() -> None:
    for ask in (Client().post, Client().put, Client().delete):
        assert ask("/metrics").status_code == 405
