"""The button beside the address of a receiver."""

from __future__ import annotations

import json

import pytest
from standardwebhooks import Webhook

from configstore.documents import ProcessingPrefs, WebhookConfig
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.ports import HOST, free_port
from webhooks.advice import about_endpoint
from webhooks.endpoints import described_endpoint
from webhooks.models import Delivery
from webhooks.probe import try_endpoint

NAME = WebhookConfig.NAME
pytestmark = pytest.mark.usefixtures("client")


@pytest.mark.django_db
def test_a_signed_sample_is_sent_and_the_answer_shown(endpoint: Endpoint) -> None:
    endpoint.answer(Answer(body=b"Accepted"))
    config = WebhookConfig(webhook_url=endpoint.url)
    answer = try_endpoint(NAME, config)
    assert answer.ok
    facts = dict(answer.facts)
    assert (facts["Status"], facts["Answer"]) == ("200", "Accepted")
    (request,) = endpoint.requests
    body = json.loads(request.body)
    assert body["event_id"] == request.headers["webhook-id"] == facts["webhook-id"]
    assert body["delivery_links"][0]["provider"] == "dropbox"
    receiver = described_endpoint(config, ProcessingPrefs())
    assert receiver is not None
    Webhook(receiver.secrets[0]).verify(request.body.decode(), dict(request.headers))
    assert not Delivery.objects.exists()


def test_two_samples_have_two_ids(endpoint: Endpoint) -> None:
    config = WebhookConfig(webhook_url=endpoint.url)
    first, second = try_endpoint(NAME, config), try_endpoint(NAME, config)
    assert dict(first.facts)["webhook-id"] != dict(second.facts)["webhook-id"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(status=500, body=b"boom"), "HTTP 500"),
        (Answer(status=404), "HTTP 404"),
        (Answer(body=b'{"success": false}'), '"success": false'),
    ],
)
def test_a_refusal_is_told_with_its_answer(
    endpoint: Endpoint, answer: Answer, sentence: str
) -> None:
    endpoint.answer(answer)
    found = try_endpoint(NAME, WebhookConfig(webhook_url=endpoint.url))
    assert not found.ok
    assert sentence in found.sentence


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (Answer(status=500), "look into its log"),
        (Answer(status=404), "copy it again"),
        (Answer(status=401), "it may want a key"),
        (Answer(body=b'{"success": false}'), "what the receiver expects"),
    ],
)
def test_a_refusal_is_told_with_what_to_do(endpoint: Endpoint, answer: Answer, advice: str) -> None:
    endpoint.answer(answer)
    assert advice in try_endpoint(NAME, WebhookConfig(webhook_url=endpoint.url)).advice


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("no complete answer within 20 s", "answer first and work afterwards"),
        ("the connection was refused", "Nothing runs at this port"),
        ("the host name is unknown", "for a slip"),
        ("its certificate is not trusted (expired)", "a certificate there"),
        ("Broken pipe", "can be reached from this machine"),
    ],
)
def test_who_gets_no_answer_is_told_what_to_do(error: str, advice: str) -> None:
    assert advice in about_endpoint("", error)


def test_a_receiver_that_is_not_there_is_told(endpoint: Endpoint) -> None:
    url = f"http://{HOST}:{free_port()}/s3cret"
    found = try_endpoint(NAME, WebhookConfig(webhook_url=url))
    assert not found.ok
    assert "Nothing runs at this port" in found.advice
    assert "s3cret" not in str(found)


def test_a_forbidden_address_is_told_and_not_visited() -> None:
    found = try_endpoint(NAME, WebhookConfig(webhook_url="https://169.254.169.254/latest"))
    assert not found.ok
    assert "169.254.169.254" in found.sentence


def test_without_an_address_there_is_nothing_to_try() -> None:
    assert try_endpoint(NAME, WebhookConfig()).sentence == "Enter an address first."
