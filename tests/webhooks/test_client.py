"""What is sent, and what an answer means."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer, redirect
from tests.webhooks.examples import OLD_SECRET, SECRET
from tests.webhooks.one_request import PAYLOAD, send, verify
from webhooks.client import Client, Result


def test_a_request_is_what_the_contract_says(client: Client, endpoint: Endpoint) -> None:
    assert send(client, endpoint).delivered
    (request,) = endpoint.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["X-Source"] == "render-signal-server"
    assert request.json == json.loads(PAYLOAD)


def test_a_request_is_signed_over_its_exact_bytes(client: Client, endpoint: Endpoint) -> None:
    send(client, endpoint, secrets=(SECRET, OLD_SECRET))
    (request,) = endpoint.requests
    assert request.headers["webhook-id"] == "msg_1"
    assert abs(int(request.headers["webhook-timestamp"]) - time.time()) < 5
    verify(request)
    verify(request, OLD_SECRET)


def test_what_an_answer_repeats_of_secret_headers_is_not_kept(
    client: Client, endpoint: Endpoint
) -> None:
    headers = {"x-make-apikey": 'key/"1"/of/make', "X-Short": "1"}
    body = json.dumps({"headers": headers}).replace("/", "\\/")
    endpoint.answer(Answer(status=401, body=f'key/"1"/of/make {body}'.encode()))
    answer = send(client, endpoint, headers=headers).answer
    assert answer == '… {"headers": {"x-make-apikey": "…", "X-Short": "1"}}'


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_any_2xx_is_success(client: Client, endpoint: Endpoint, status: int) -> None:
    endpoint.answer(Answer(status=status, body=b""))
    assert send(client, endpoint) == Result(delivered=True, status=status)


@pytest.mark.parametrize(
    "body",
    [b'{"success": true}', b"Accepted", b"", b'{"success": 0}', b'["success", false]', b"\xff"],
)
def test_a_body_that_does_not_refuse_is_success(
    client: Client, endpoint: Endpoint, body: bytes
) -> None:
    endpoint.answer(Answer(body=body))
    assert send(client, endpoint).delivered


@pytest.mark.parametrize(
    "body",
    [
        b'{"success": false}',
        b'{ "error": "no", "success":false }\n',
        b'\xef\xbb\xbf{"success": false}',
    ],
)
def test_a_body_that_says_so_is_a_refusal(client: Client, endpoint: Endpoint, body: bytes) -> None:
    endpoint.answer(Answer(body=body))
    result = send(client, endpoint)
    assert not result.delivered
    assert not result.permanent
    assert result.error == 'the answer says "success": false'


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
def test_a_refusal_that_is_longer_than_what_is_read_is_one(
    client: Client, endpoint: Endpoint, bom: bytes
) -> None:
    endpoint.answer(Answer(body=bom + b'{"success": false, "trace": "' + b"x" * 50_000 + b'"}'))
    assert send(client, endpoint).error == 'the answer says "success": false'


@pytest.mark.parametrize("depth", [2_000, 15_000])
def test_a_body_that_is_deeper_than_python_goes_is_endured(
    client: Client, endpoint: Endpoint, depth: int
) -> None:
    endpoint.answer(Answer(body=b'{"success":' + b"[" * depth))
    assert send(client, endpoint).status == 200


@pytest.mark.parametrize(
    "status", [300, 400, 401, 403, 404, 408, 422, 425, 429, 500, 502, 503, 504, 599, 999]
)
def test_any_other_status_is_tried_again(client: Client, endpoint: Endpoint, status: int) -> None:
    endpoint.answer(Answer(status=status, body=b"why not"))
    assert send(client, endpoint) == Result(
        delivered=False, status=status, error=f"HTTP {status}", answer="why not"
    )


@pytest.mark.parametrize("status", [101, 103])
def test_a_status_below_200_is_named(client: Client, endpoint: Endpoint, status: int) -> None:
    endpoint.answer(Answer(status=status, body=b""))
    result = send(client, endpoint)
    assert (result.delivered, result.error) == (False, f"HTTP {status}")


def test_410_says_that_the_endpoint_is_gone(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=410))
    result = send(client, endpoint)
    assert (result.delivered, result.gone, result.permanent) == (False, True, False)


def test_413_says_that_another_try_cannot_help(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(status=413))
    result = send(client, endpoint)
    assert (result.delivered, result.gone, result.permanent) == (False, False, True)


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), (" 7 ", 7), ("0", 0), ("9" * 400, float("inf"))]
)
def test_an_endpoint_asks_for_seconds(
    client: Client, endpoint: Endpoint, value: str, seconds: float
) -> None:
    endpoint.answer(Answer(status=429, headers={"Retry-After": value}))
    assert send(client, endpoint).retry_after == seconds


@pytest.mark.parametrize(("ahead", "low", "high"), [(90, 80, 91), (-90, 0, 0)])
def test_an_endpoint_asks_for_a_moment(
    client: Client, endpoint: Endpoint, ahead: int, low: float, high: float
) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    endpoint.answer(Answer(status=503, headers={"Retry-After": moment}))
    assert low <= (send(client, endpoint).retry_after or 0) <= high


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1.5", "³", "1e9", "Mon, 99 Nov 2026", "Fri, 31 Dec 99999 00:00:00 GMT",
     "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Fri, 20 Nov 2026 09:00:00 +9999999999"],
)  # fmt: skip
def test_what_is_no_time_is_not_asked_for(client: Client, endpoint: Endpoint, value: str) -> None:
    endpoint.answer(Answer(status=429, headers={"Retry-After": value}))
    assert send(client, endpoint).retry_after is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_never_followed(
    client: Client, endpoint: Endpoint, status: int
) -> None:
    endpoint.answer(redirect(endpoint.url + "/elsewhere", status))
    assert send(client, endpoint).error == f"HTTP {status}"
    assert [request.path for request in endpoint.requests] == ["/hook"]


@pytest.mark.parametrize("target", ["http://[", "http://[::1", "//", "http://a..b/", "\xff", ""])
def test_a_redirect_to_nonsense_is_a_failure_like_others(
    client: Client, endpoint: Endpoint, target: str
) -> None:
    endpoint.answer(redirect(target))
    assert send(client, endpoint).error == "HTTP 302"


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_proxies_of_the_environment_are_ignored(
    client: Client, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert send(client, endpoint).delivered


def test_a_login_that_lies_in_the_home_is_not_sent(
    client: Client, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login user password s3cret\n")
    monkeypatch.setenv("NETRC", netrc)
    send(client, endpoint)
    assert "Authorization" not in endpoint.requests[0].headers
