"""A webhook is sent as JSON or as a form, and in the other one after a 415."""

from __future__ import annotations

import time

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.one_request import send, verify
from webhooks.client import Client


def test_a_form_is_sent_where_the_endpoint_wants_one(client: Client, endpoint: Endpoint) -> None:
    send(client, endpoint, mode="form")
    (request,) = endpoint.requests
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.form == {"subject": ["Lot 12 🚚"], "dropbox_first_url": [""]}
    verify(request)


@pytest.mark.parametrize(("mode", "other"), [("json", "form"), ("form", "json")])
def test_415_is_answered_in_the_other_form_and_signed_anew(
    client: Client, endpoint: Endpoint, mode: str, other: str
) -> None:
    endpoint.answer_in_turn([Answer(status=415)])
    assert send(client, endpoint, mode=mode).delivered
    first, second = endpoint.requests
    assert mode in first.headers["Content-Type"]
    assert other in second.headers["Content-Type"]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    verify(first)
    verify(second)


def test_the_form_that_was_taken_is_remembered_until_it_is_refused(
    client: Client, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(status=415)])
    for _ in range(3):
        assert send(client, endpoint).delivered
    endpoint.answer_in_turn([Answer(status=415)])
    for _ in range(2):
        assert send(client, endpoint).delivered
    kinds = [request.headers["content-type"].rpartition("/")[2] for request in endpoint.requests]
    form = "x-www-form-urlencoded"
    assert kinds == ["json", form, form, form, form, "json", "json"]


def test_who_wants_one_form_alone_gets_it_whatever_was_taken(
    client: Client, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(status=415)])
    assert send(client, endpoint).delivered
    assert send(client, endpoint, fallback_on_415=False).delivered
    assert endpoint.requests[-1].headers["content-type"] == "application/json"


def test_what_was_taken_instead_of_one_form_does_not_outlive_its_setting(
    client: Client, endpoint: Endpoint
) -> None:
    endpoint.answer_in_turn([Answer(status=415)])
    assert send(client, endpoint, mode="form").delivered
    assert send(client, endpoint, mode="json").delivered
    assert send(client, endpoint, mode="form").delivered
    assert len(endpoint.requests) == 4


def test_415_is_answered_once_only(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=415))
    assert send(client, endpoint).error == "HTTP 415"
    assert len(endpoint.requests) == 2


def test_415_is_a_failure_where_no_other_form_is_wanted(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=415))
    assert send(client, endpoint, fallback_on_415=False).error == "HTTP 415"
    assert len(endpoint.requests) == 1


def test_both_forms_share_one_deadline(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer_in_turn([Answer(status=415, delay=0.3)], Answer(delay=0.5))
    begun = time.monotonic()
    assert "within 0.5 s" in send(client, endpoint, deadline_seconds=0.5).error
    assert time.monotonic() - begun < 0.75
