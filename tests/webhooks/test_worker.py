"""One request to the Worker, whatever it answers."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace
from ipaddress import ip_network

import pytest
from django.conf import LazySettings

from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, RESET, Answer, redirect
from tests.servers.fake_worker import PUBLIC_BASE_URL, TOKEN, answering, stored_at
from tests.servers.ports import HOST, free_port
from tests.webhooks.one_file import SOURCE, URL, fetch, stored
from webhooks import worker as worker_module
from webhooks.shared_files import Source
from webhooks.worker import Worker
from webhooks.worker_answers import Fetched

MASKED = "https://www.dropbox.com/scl/fi/abc/lot.zip?…"


def test_the_request_is_that_of_the_contract(r2: Endpoint) -> None:
    fetch()
    (request,) = r2.requests
    assert request.method == "POST"
    assert request.headers["X-R2-FETCH-TOKEN"] == TOKEN
    assert request.headers["Content-Type"] == "application/json"
    assert request.json == {
        "source_url": URL,
        "object_key": SOURCE.object_key,
        "bucket": "deliveries",
        "provider": "dropbox",
        "email_id": "mail-1",
    }


def test_what_was_stored_is_told(r2: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    url = stored_at(SOURCE.object_key)
    assert replace(fetch(), said_at=None) == Fetched(
        source=SOURCE, r2_url=url, original_filename="lot-12.zip", status=200
    )
    assert caplog.messages == [f"R2_TRANSFER: success url={MASKED} r2_url={url}"]


NO_URL = "the answer has no r2_url that is an https URL at the host of R2_PUBLIC_BASE_URL"
FAILURES = [
    (answering(401, success=False, error="bad token"), "HTTP 401: bad token"),
    (answering(403, success=False), "HTTP 403: no reason given"),
    (answering(429, success=False, error="too many requests"), "HTTP 429: too many requests"),
    (answering(507, success=False, error="quota is used up"), "HTTP 507: quota is used up"),
    (answering(200, success=False, error="no"), "HTTP 200: no"),
    (answering(500, success=True, r2_url=stored_at("a")), "HTTP 500: no reason given"),
    (stored(success="true"), "HTTP 200: no reason given"),
    (stored(r2_url=None), NO_URL),
    (stored(r2_url=7), NO_URL),
    (stored(r2_url="javascript:alert(1)"), NO_URL),
    (stored(r2_url="http://files.example.org/a"), NO_URL),
    (stored(r2_url="https://evil.example/a"), NO_URL),
    (stored(r2_url="https://files.example.org@evil.example/a"), NO_URL),
    (stored(r2_url="https://x@files.example.org/a"), NO_URL),
    (stored(r2_url="https://files.example.org:8443/a"), NO_URL),
    (stored(r2_url="https://files.example.org/a\nR2_TRANSFER: success"), NO_URL),
    (stored(r2_url="https://files.example.org/a b"), NO_URL),
    (stored(r2_url=f"{PUBLIC_BASE_URL}/{'a' * 3000}"), NO_URL),
    (stored(r2_url="https://[files.example.org/a"), NO_URL),
    (answering(success=True), NO_URL),
    (Answer(body=b"<html>Just a moment...</html>"), "HTTP 200: the answer is no JSON object"),
    (Answer(body=b"\xff\x00\xfe"), "HTTP 200: the answer is no JSON object"),
    (Answer(body=b'["success"]'), "HTTP 200: the answer is no JSON object"),
    (Answer(body=b"[" * 16_000), "HTTP 200: the answer is no JSON object"),
    (Answer(body=b'{"success": true, "a": "' + b"a" * 20_000), "HTTP 200: the answer is no JSON"),
    (Answer(status=502, body=b""), "HTTP 502: the answer is no JSON object"),
    (redirect("http://127.0.0.1:1/"), "HTTP 302: the answer is no JSON object"),
    (CLOSE, "the Worker cannot be reached (RemoteDisconnected)"),
    (RESET, "the Worker cannot be reached (ConnectionResetError)"),
    (HANG, "no answer within 0.5 s"),
    (Answer(drip_head=0.1), "no answer within 0.5 s"),
    (Answer(drip_body=0.2), "no answer within 0.5 s"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "error"), FAILURES, ids=lambda value: str(value)[:40])
def test_whatever_goes_wrong_is_one_warning_in_time(
    r2: Endpoint, caplog: pytest.LogCaptureFixture, answer: Answer, error: str
) -> None:
    r2.answer(answer)
    begun = time.monotonic()
    fetched = fetch(0.5)
    assert time.monotonic() - begun < 1.5
    assert (fetched.r2_url, fetched.cut) == ("", False)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    line = f"R2_TRANSFER: failed url={MASKED} error={fetched.error} (fallback to source URLs)"
    assert record.getMessage() == line
    assert fetched.error.startswith(error)


def test_a_worker_that_is_down_is_one_warning(
    r2: Endpoint, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.R2_FETCH_ENDPOINT = f"http://{HOST}:{free_port()}/"
    assert fetch().error == "the Worker cannot be reached (ConnectionRefusedError)"
    assert len(caplog.records) == 1


def test_a_fault_of_ours_is_told_and_not_raised(
    r2: Endpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(*_: object) -> Fetched:
        raise KeyError("x")

    monkeypatch.setattr(worker_module, "judge", fault)
    assert fetch().error == "a fault of the relay (KeyError)"
    assert "a fault of the relay (KeyError) (fallback to source URLs)" in caplog.messages[-1]


def test_without_time_nobody_is_asked(r2: Endpoint) -> None:
    assert fetch(0).error == "no time was left for it"
    assert r2.requests == []


@pytest.mark.parametrize(
    ("allowed", "endpoint"),
    [("192.0.2.0/24", "url"), ("192.0.2.0/24", "tls_url")],
)
def test_the_egress_guard_stands_before_the_worker_too(
    r2: Endpoint, settings: LazySettings, allowed: str, endpoint: str
) -> None:
    settings.EGRESS_ALLOWED_CIDRS = [ip_network(allowed)]
    port = getattr(r2, endpoint).replace("127.0.0.1", "localhost")
    for url in (getattr(r2, endpoint), port):
        settings.R2_FETCH_ENDPOINT = url
        assert fetch().error.startswith("R2_FETCH_ENDPOINT cannot be used: ")
    assert r2.connections == 0


def test_the_certificate_of_the_worker_is_checked(r2: Endpoint, settings: LazySettings) -> None:
    settings.R2_FETCH_ENDPOINT = r2.tls_url
    assert fetch().error == "the Worker cannot be reached (SSLCertVerificationError)"


@pytest.mark.parametrize(
    "error",
    [
        f"could not fetch {URL}",
        f"could not fetch {URL}".replace("https:", "https%3A"),
        "/scl/fi/abc/lot.zip?rlkey=s3cret is not there",
        "rlkey=s3cret is wrong",
        f"{TOKEN} is not my token",
    ],
)
def test_an_answer_that_quotes_secrets_does_not_bring_them_into_the_log(
    r2: Endpoint, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    r2.answer(answering(400, success=False, error=f"so:\n{error}"))
    assert fetch().error.startswith("HTTP 400: so: ")
    assert "s3cret" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Été à Paris.zip", "Été à Paris.zip"),
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\a.zip", "a.zip"),
        ("a\0\n\u202eb.zip", "a b.zip"),
        ("\ud800.zip", ".zip"),
        ("n" * 300 + ".zip", "n" * 251 + ".zip"),
        ("", None),
        ("dir/", None),
        (None, None),
        ({"a": 1}, None),
    ],
)
def test_the_file_name_is_a_name(r2: Endpoint, told: object, kept: str | None) -> None:
    r2.answer(stored(original_filename=told))
    fetched = fetch()
    assert fetched.r2_url
    assert fetched.original_filename == kept


def test_what_is_cut_is_no_failure(r2: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    r2.answer(HANG)
    client, results = Worker(), list[Fetched]()
    thread = threading.Thread(target=lambda: results.append(fetch(30, client)))
    thread.start()
    r2.wait_for(1)
    client.cut()
    thread.join(2)
    assert results == [Fetched(source=SOURCE, cut=True)]
    assert fetch(30, client).cut
    assert len(r2.requests) == 1
    assert caplog.messages == []


def test_the_body_is_valid_whatever_the_link_contains(r2: Endpoint) -> None:
    url = "https://fromsmash.com/Été"
    Worker().fetch(Source(provider="fromsmash", url=url), "mail-1", 5)
    assert json.loads(r2.requests[0].body.decode())["source_url"] == url
