"""The PHP API as it answers on bad days."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import pytest

from configstore.backends import php
from configstore.backends.base import DocumentCorrupt, StoreUnavailable
from configstore.backends.php import PhpBackend
from tests.configstore.backends.bench import NAME
from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, RESET, Answer, redirect
from tests.servers.php import TOKEN, PhpApi
from tests.servers.ports import HOST, free_port

LIMIT = 0.6
SECRET = "s3cret-of-the-operator"  # noqa: S105


@pytest.fixture
def backend(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> PhpBackend:
    """In front of an endpoint that answers as it is told."""
    monkeypatch.setattr(php, "DEADLINE_SECONDS", LIMIT)
    return PhpBackend(base_url=f"http://user:{SECRET}@{HOST}:{endpoint.port}/a/", token=SECRET)


def trouble(backend: PhpBackend) -> str:
    """What both operations say, which is the same."""
    sentences = set()
    operations: tuple[Callable[[], object], ...] = (
        lambda: backend.read(NAME),
        lambda: backend.write(NAME, {"a": 1}),
    )
    for operation in operations:
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable) as refused:
            operation()
        assert time.monotonic() - begun < LIMIT + 0.4
        sentences.add(str(refused.value))
    assert len(sentences) == 1
    sentence = sentences.pop()
    assert SECRET not in sentence
    assert HOST in sentence
    return sentence


def says(**answer: object) -> Answer:
    return Answer(body=json.dumps(answer).encode())


def test_the_requests_are_those_of_the_contract(backend: PhpBackend, endpoint: Endpoint) -> None:
    endpoint.answer(says(success=True, config={"a": 1}))
    assert backend.read("polling_config:Büro & Co") == {"a": 1}
    backend.write(NAME, {"é": [1]})
    get, post = endpoint.requests
    path = "/a/config_api.php"
    assert (get.method, get.path, get.body) == (
        "GET", f"{path}?key=polling_config%3AB%C3%BCro+%26+Co", b"",
    )  # fmt: skip
    assert (post.method, post.path) == ("POST", path)
    assert post.json == {"key": NAME, "config": {"é": [1]}}
    assert post.headers["Content-Type"] == "application/json"
    for request in (get, post):
        assert request.headers["Authorization"] == f"Bearer {SECRET}"


def test_a_removal_writes_an_empty_object(backend: PhpBackend, endpoint: Endpoint) -> None:
    backend.write(NAME, None)
    assert endpoint.requests[0].json == {"key": NAME, "config": {}}


@pytest.mark.parametrize("config", [None, [], {}])
def test_what_is_empty_in_php_is_absent(
    backend: PhpBackend, endpoint: Endpoint, config: object
) -> None:
    endpoint.answer(says(success=True, config=config))
    assert backend.read(NAME) is None


@pytest.mark.parametrize("config", [0, False, "", "text", [1], [[]]])
def test_what_is_no_object_is_corrupt(
    backend: PhpBackend, endpoint: Endpoint, config: object
) -> None:
    endpoint.answer(says(success=True, config=config))
    with pytest.raises(DocumentCorrupt, match=f"PHP key {NAME} holds a") as refused:
        backend.read(NAME)
    assert json.loads(refused.value.text) == config


@pytest.mark.parametrize(
    "config", [b'{"a": "\\ud800"}', b'{"a": 1e999}', b'{"a": NaN}'], ids=["half", "inf", "nan"]
)
def test_what_json_cannot_hold_is_corrupt(
    backend: PhpBackend, endpoint: Endpoint, config: bytes
) -> None:
    endpoint.answer(Answer(body=b'{"success": true, "config": ' + config + b"}"))
    with pytest.raises(DocumentCorrupt, match=f"PHP key {NAME}"):
        backend.read(NAME)


def test_not_found_in_the_words_of_the_api_is_absent_and_no_place_to_write(
    backend: PhpBackend, endpoint: Endpoint
) -> None:
    endpoint.answer(Answer(status=404, body=b'{"success": false, "message": "unknown"}'))
    assert backend.read(NAME) is None
    with pytest.raises(StoreUnavailable, match="HTTP 404"):
        backend.write(NAME, {"a": 1})


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(status=401, body=b'{"success": false}'), "HTTP 401): check CONFIG_API_TOKEN"),
        (Answer(status=403, body=b"<html>"), "HTTP 403): check CONFIG_API_TOKEN"),
        (Answer(status=404, body=b"<html>Not Found"), "HTTP 404): check EXTERNAL_CONFIG_BASE_URL"),
        (Answer(status=404, body=b'{"success": true, "config": {"a": 1}}'), "HTTP 404"),
        (Answer(status=500, body=b'{"success": false}'), "HTTP 500): look into its log"),
        (Answer(status=503, body=b"overloaded"), "HTTP 503"),
        (Answer(status=201, body=b'{"success": true, "config": {"a": 1}}'), "HTTP 201"),
        (Answer(body=b"<html><h1>Welcome</h1>"), "does not answer with a JSON object (HTTP 200)"),
        (Answer(body=b""), "does not answer with a JSON object"),
        (Answer(body=b"[]"), "does not answer with a JSON object"),
        (Answer(body=b"[" * 100_000), "does not answer with a JSON object"),
        (Answer(body=b"\xff\xfe\0"), "does not answer with a JSON object"),
        (says(success=False, config={"a": 1}), "without success"),
        (says(success="true", config={"a": 1}), "without success"),
        (says(config={"a": 1}), "without success"),
        (redirect(f"http://{HOST}:1/{SECRET}"), "HTTP 302): set EXTERNAL_CONFIG_BASE_URL to where"),
        (Answer(body=b'{"a": "' + b"x" * 3_000_000 + b'"}'), "longer than 1000000 bytes"),
        (CLOSE, "no answer from"),
        (RESET, "no answer from"),
        (HANG, "no complete answer from 127.0.0.1 within 0.6 s"),
        (Answer(delay=5), "no complete answer"),
        (Answer(drip_head=0.05), "no complete answer"),
        (Answer(drip_body=0.1), "no complete answer"),
    ],
)  # fmt: skip
def test_trouble_is_told_in_a_sentence_that_says_what_to_check(
    backend: PhpBackend, endpoint: Endpoint, answer: Answer, sentence: str
) -> None:
    endpoint.answer(answer)
    assert sentence in trouble(backend)


def test_a_redirect_is_not_followed(backend: PhpBackend, endpoint: Endpoint) -> None:
    endpoint.answer_in_turn([redirect(endpoint.url)])
    with pytest.raises(StoreUnavailable):
        backend.read(NAME)
    assert len(endpoint.requests) == 1


def test_an_answer_without_the_document_is_no_absence(
    backend: PhpBackend, endpoint: Endpoint
) -> None:
    endpoint.answer(says(success=True))
    with pytest.raises(StoreUnavailable, match="has no config"):
        backend.read(NAME)


def test_a_proxy_of_the_environment_is_not_asked(
    backend: PhpBackend, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{HOST}:{free_port()}")
    endpoint.answer(says(success=True, config={"a": 1}))
    assert backend.read(NAME) == {"a": 1}


def test_comparing_and_writing_have_one_time_limit(backend: PhpBackend, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(delay=LIMIT * 0.7, body=b'{"success": true, "config": null}'))
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="no complete answer"):
        backend.write(NAME, {"a": 1}, expected="")
    assert time.monotonic() - begun < LIMIT + 0.3


def test_a_host_that_does_not_exist_is_away() -> None:
    away = PhpBackend(base_url="http://a..example/", token=TOKEN)
    with pytest.raises(StoreUnavailable, match="check that it runs"):
        away.read(NAME)


def test_a_certificate_that_nobody_vouches_for_is_refused(endpoint: Endpoint) -> None:
    backend = PhpBackend(base_url=f"https://{HOST}:{endpoint.tls_port}/", token=TOKEN)
    with pytest.raises(StoreUnavailable, match="certificate"):
        backend.read(NAME)
    assert endpoint.requests == []


def test_a_certificate_of_a_trusted_authority_is_accepted(
    endpoint: Endpoint, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    endpoint.answer(says(success=True, config={"a": 1}))
    backend = PhpBackend(base_url=f"https://{HOST}:{endpoint.tls_port}/", token=TOKEN)
    assert backend.read(NAME) == {"a": 1}


def test_a_wrong_token_is_named_by_a_real_php(php_api: PhpApi) -> None:
    backend = PhpBackend(base_url=php_api.base_url, token="wrong")
    with pytest.raises(StoreUnavailable, match="check CONFIG_API_TOKEN"):
        backend.read(NAME)


def test_a_wrong_base_is_named_by_a_real_php(php_api: PhpApi) -> None:
    backend = PhpBackend(base_url=f"{php_api.base_url}/elsewhere", token=TOKEN)
    with pytest.raises(StoreUnavailable, match="HTTP 404.*check EXTERNAL_CONFIG_BASE_URL"):
        backend.read(NAME)


def test_a_frozen_php_is_away_in_time(php_api: PhpApi) -> None:
    backend = PhpBackend(base_url=php_api.base_url, token=TOKEN)
    php_api.freeze()
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="within 4 s"):
        backend.read(NAME)
    assert time.monotonic() - begun < 5


def test_threads_do_not_share_a_time_limit(
    backend: PhpBackend, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is late does not end the request of another."""
    limit = 3.0
    monkeypatch.setattr(php, "DEADLINE_SECONDS", limit)
    endpoint.answer_in_turn([HANG])
    slow = threading.Thread(target=lambda: pytest.raises(StoreUnavailable, backend.read, NAME))
    slow.start()
    endpoint.wait_for(1)
    time.sleep(limit / 2)
    endpoint.answer(Answer(delay=limit * 0.6, body=b'{"success": true, "config": {"a": 1}}'))
    assert backend.read(NAME) == {"a": 1}
    slow.join()
