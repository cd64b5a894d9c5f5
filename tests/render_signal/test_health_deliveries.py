"""The part of /health about deliveries."""

from __future__ import annotations

import json
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.fields import WEEKDAYS
from tests.render_signal.service import SECRETS, Service
from tests.webhooks.examples import endpoint as to
from tests.webhooks.examples import enqueue
from webhooks.client import Client
from webhooks.endpoints import described_endpoint
from webhooks.models import Delivery, EndpointState, State


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
    endpoint = described_endpoint(webhook, ProcessingPrefs())
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


@pytest.mark.parametrize("waiting", [[], ["a"]])
def test_an_endpoint_that_fails_is_told_whether_or_not_anything_waits(
    service: Service, waiting: list[str]
) -> None:
    pause_endpoint(service)
    since = timezone.now() - timedelta(minutes=3)
    EndpointState.objects.update(paused="", last_error="HTTP 503", failures=2, failing_since=since)
    enqueue(*waiting, at=timezone.now())
    answer = service.health()
    part = answer["parts"]["deliveries"]
    assert (service.status, answer["status"], part["status"]) == (200, "degraded", "degraded")
    assert part["detail"] == "the endpoint is failing: HTTP 503"
    assert part["failing_seconds"] >= 180
    EndpointState.objects.update(fingerprint="of another")
    assert service.health()["parts"]["deliveries"]["status"] == "ok"


def test_a_further_endpoint_that_fails_is_told_by_its_own_part(service: Service) -> None:
    store = config_store()
    store.update(WebhookConfig, "webhook_config", lambda raw: raw | {"endpoints": ["crm"]})
    crm = {"webhook_url": "https://crm.example/"}
    store.save(WebhookConfig, "webhook_config:crm", crm)
    endpoint = described_endpoint(
        store.get(WebhookConfig, "webhook_config:crm"), ProcessingPrefs(), "crm"
    )
    assert endpoint is not None
    EndpointState.objects.create(
        endpoint="crm",
        fingerprint=endpoint.fingerprint,
        last_error="HTTP 500",
        failures=1,
        failing_since=timezone.now(),
    )
    parts = service.health()["parts"]
    assert (parts["deliveries:crm"]["status"], parts["deliveries"]["status"]) == ("degraded", "ok")


def test_what_a_pause_holds_on_purpose_may_wait_for_long(service: Service) -> None:
    document = {"absence_pause_enabled": True, "absence_pause_days": list(WEEKDAYS)}
    service.redis.set("r:ss:config:webhook_config", json.dumps(document))
    enqueue("a", at=timezone.now() - timedelta(hours=20))
    part = service.health()["parts"]["deliveries"]
    assert (part["status"], part["waiting"]) == ("ok", 1)
    assert part["oldest_waiting_seconds"] >= 20 * 3600


def test_dead_letters_are_counted_and_no_trouble(service: Service) -> None:
    assert service.health()["parts"]["deliveries"]["dead"] == 0
    enqueue("a", "b", "c", at=timezone.now())
    Delivery.objects.exclude(message_id="c").update(state=State.DEAD)
    part = service.health()["parts"]["deliveries"]
    assert (part["status"], part["dead"], part["waiting"]) == ("ok", 2, 1)


@pytest.mark.parametrize("checked", [True, False])
def test_a_certificate_that_is_not_checked_is_told_and_well(
    service: Service, checked: bool
) -> None:
    document = json.dumps({"webhook_ssl_verify": checked})
    service.redis.set("r:ss:config:webhook_config", document)
    part = service.health()["parts"]["deliveries"]
    assert part["status"] == "ok"
    assert part.get("certificate", "").startswith("the certificate of h.example") != checked


def test_a_url_that_cannot_be_used_is_told_at_once(service: Service) -> None:
    url = f"https://10.0.0.1/{SECRETS['WEBHOOK']}"
    service.redis.set("r:ss:config:webhook_config", json.dumps({"webhook_url": url}))
    part = service.health()["parts"]["deliveries"]
    assert part["status"] == "degraded"
    assert part["detail"].startswith("the webhook URL cannot be used: 10.0.0.1 is at")
