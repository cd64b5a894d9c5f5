"""Several endpoints beside one another."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from configstore.secrets import encrypt
from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import hand_over, message
from tests.webhooks.relay import Relay
from webhooks.models import Delivery, EndpointState, State
from webhooks.survey import AGAIN_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(certificates: Certificates) -> Iterator[Endpoint]:
    endpoint = Endpoint(certificates)
    yield endpoint
    endpoint.close()


def describe(relay: Relay, sales: Endpoint, **fields: object) -> None:
    relay.file.write("webhook_config:sales", {"webhook_url": sales.url, **fields})
    relay.configure(endpoints=["sales"])


def to(endpoint: str) -> dict[str, Any]:
    return {"rules": [{"name": "all", "endpoint": endpoint}]}


def both() -> dict[str, Any]:
    rules = [{"name": name, "endpoint": name, "stop": False} for name in ("default", "sales")]
    return {"rules": rules}


def states(endpoint: str) -> list[str]:
    return list(Delivery.objects.filter(endpoint=endpoint).values_list("state", flat=True))


def delivered(count: int) -> bool:
    return Delivery.objects.filter(state=State.DELIVERED).count() == count


def test_one_message_reaches_both_with_what_each_asks_for(
    relay: Relay, endpoint: Endpoint, sales: Endpoint
) -> None:
    headers = {"x-make-apikey": encrypt("the-key"), "X-Plain": "as written"}
    describe(relay, sales, webhook_headers=headers, webhook_delivery_mode="form")
    hand_over(message("a"), routing_rules=both(), at=timezone.now())
    relay.until(lambda: delivered(2))
    (first,), (second,) = endpoint.requests, sales.requests
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    assert second.headers["x-make-apikey"] == "the-key"
    assert second.headers["x-plain"] == "as written"
    assert "x-make-apikey" not in first.headers
    assert second.headers["content-type"] == "application/x-www-form-urlencoded"


def test_what_is_queued_as_a_try_ends_is_sent_at_once(
    relay: Relay, endpoint: Endpoint, sales: Endpoint
) -> None:
    describe(relay, sales)
    now = timezone.now()
    hand_over(message("a"), at=now)
    relay.dispatcher.step(now)  # nothing was due for the other
    endpoint.wait_for(1)
    time.sleep(0.1)
    hand_over(message("b"), routing_rules=to("sales"), at=now)
    relay.dispatcher.look()
    assert relay.dispatcher.step(now) <= AGAIN_SECONDS
    assert states("default") == [State.DELIVERED]
    assert states("sales") == [State.SENDING]
    relay.until(lambda: states("sales") == [State.DELIVERED])


def test_one_that_does_not_answer_leaves_threads_to_the_other(
    relay: Relay, endpoint: Endpoint, sales: Endpoint
) -> None:
    describe(relay, sales)
    sales.answer(Answer(instead="hang"))
    hand_over(*(message(f"s{n}") for n in range(10)), routing_rules=to("sales"), at=timezone.now())
    relay.until(lambda: len(sales.requests) == 2)
    hand_over(*(message(f"d{n}") for n in range(10)), at=timezone.now())
    relay.until(lambda: delivered(10))
    assert len(sales.requests) == 2


def test_two_that_do_not_answer_leave_a_thread_to_a_third(
    relay: Relay, endpoint: Endpoint, sales: Endpoint
) -> None:
    sales.answer(Answer(instead="hang"))
    for name in ("east", "west"):
        relay.file.write(f"webhook_config:{name}", {"webhook_url": f"{sales.url}/{name}"})
    relay.configure(endpoints=["east", "west"])
    for name in ("east", "west"):
        mails = (message(f"{name}{n}") for n in range(10))
        hand_over(*mails, routing_rules=to(name), at=timezone.now())
    relay.until(lambda: len(sales.requests) == 3)
    hand_over(*(message(f"d{n}") for n in range(3)), at=timezone.now())
    relay.until(lambda: delivered(3))


def test_one_that_fails_holds_its_own_deliveries_alone(
    relay: Relay, endpoint: Endpoint, sales: Endpoint
) -> None:
    describe(relay, sales)
    sales.answer(Answer(status=410))
    hand_over(message("a"), routing_rules=both(), at=timezone.now())
    relay.until(lambda: EndpointState.objects.filter(endpoint="sales").exists())
    relay.until(lambda: delivered(1))
    hand_over(message("b"), routing_rules=both(), at=timezone.now())
    relay.until(lambda: delivered(2))
    assert states("sales") == [State.RETRY, State.QUEUED]


def test_a_pause_of_one_is_no_pause_of_the_other(
    relay: Relay, endpoint: Endpoint, sales: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    describe(relay, sales, webhook_sending_enabled=False)
    hand_over(message("a"), routing_rules=both(), at=timezone.now())
    relay.until(lambda: delivered(1))
    assert states("sales") == [State.QUEUED]
    held = "Deliveries are held: sending is switched off, until it is changed endpoint=sales"
    assert caplog.messages.count(held) == 1
    describe(relay, sales)
    relay.until(lambda: delivered(2))
    assert "Deliveries go out again endpoint=sales" in caplog.messages


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"webhook_url": "https://x.example/", "webhook_ssl_verify": "perhaps"}, "settings"),
        ({"webhook_headers": {"x-key": "fernet:nonsense"}}, "webhook_headers"),
        ({"webhook_signing_secrets": ["fernet:nonsense"]}, "webhook_signing_secrets"),
    ],
)
def test_an_endpoint_that_cannot_be_read_holds_its_own_and_is_told(
    relay: Relay,
    endpoint: Endpoint,
    sales: Endpoint,
    caplog: pytest.LogCaptureFixture,
    fields: dict[str, Any],
    why: str,
) -> None:
    describe(relay, sales, **fields)
    hand_over(message("a"), routing_rules=both(), at=timezone.now())
    relay.until(lambda: delivered(1))
    assert states("sales") == [State.QUEUED]
    told = [line for line in caplog.messages if line.endswith("endpoint=sales")]
    assert any(
        "Deliveries wait: its settings cannot be used" in line and why in line for line in told
    )
    assert "nonsense" not in caplog.text


def test_what_waits_for_an_endpoint_that_left_the_list_waits_and_is_told(
    relay: Relay, sales: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    hand_over(message("a"), routing_rules=to("gone"), at=timezone.now())
    relay.until(lambda: "endpoint=gone" in caplog.text)
    assert "Deliveries wait: this endpoint is not listed in webhook_config: add it" in caplog.text
    assert states("gone") == [State.QUEUED]
