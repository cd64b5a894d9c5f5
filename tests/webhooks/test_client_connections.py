"""Which connections are opened, kept and trusted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.webhooks.examples import endpoint as to
from webhooks import guarded_http
from webhooks.client import Client, Result
from webhooks.egress import resolve

# The product's own filter for it is not in force where each warning is an error.
unverified = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


def send(client: Client, url: str, **fields: object) -> Result:
    return client.send(to(url, **({"deadline_seconds": 2.0} | fields)), "msg_1", "{}")


@pytest.fixture
def trusting(client: Client, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Client:
    """As an operator trusts an authority of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
    return client


def test_requests_share_a_connection(client: Client, endpoint: Endpoint) -> None:
    assert all(send(client, endpoint.url).delivered for _ in range(5))
    assert endpoint.connections == 1


def test_requests_over_tls_share_a_connection(trusting: Client, endpoint: Endpoint) -> None:
    assert all(send(trusting, endpoint.tls_url).delivered for _ in range(5))
    assert endpoint.connections == 1


@pytest.mark.parametrize("status", [415, 500, 204])
def test_a_failure_does_not_cost_the_connection(
    client: Client, endpoint: Endpoint, status: int
) -> None:
    endpoint.answer(Answer(status=status, body=b""))
    for _ in range(3):
        send(client, endpoint.url)
    assert endpoint.connections == 1


def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    client: Client, endpoint: Endpoint
) -> None:
    send(client, endpoint.url)
    endpoint.drop_connections()
    assert send(client, endpoint.url).delivered
    assert endpoint.connections == 2


def test_a_connection_that_is_kept_has_a_deadline_each_time(
    client: Client, endpoint: Endpoint
) -> None:
    send(client, endpoint.url)
    endpoint.answer(Answer(drip_head=0.05))
    assert (
        send(client, endpoint.url, deadline_seconds=0.4).error == "no complete answer within 0.4 s"
    )
    assert endpoint.connections == 1


def test_a_deadline_that_was_met_does_not_end_the_next_request(
    client: Client, endpoint: Endpoint
) -> None:
    send(client, endpoint.url, deadline_seconds=0.3)
    endpoint.answer(Answer(delay=0.5))
    assert send(client, endpoint.url).delivered
    assert endpoint.connections == 1


def test_no_more_connections_are_opened_than_requests_are_under_way(
    client: Client, endpoint: Endpoint
) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: send(client, endpoint.url), range(200)))
    assert all(result.delivered for result in results)
    assert endpoint.connections <= 8


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_a_trusted_authority_is_accepted(
    trusting: Client, endpoint: Endpoint, host: str
) -> None:
    assert send(trusting, f"https://{host}:{endpoint.tls_port}/hook").delivered
    assert endpoint.requests[0].tls


def test_a_certificate_of_an_unknown_authority_is_refused(
    client: Client, endpoint: Endpoint
) -> None:
    result = send(client, endpoint.tls_url)
    assert (result.delivered, result.permanent) == (False, False)
    assert result.error.startswith("its certificate is not trusted (")
    assert endpoint.requests == []


def test_a_certificate_of_another_name_is_refused(trusting: Client, endpoint: Endpoint) -> None:
    result = send(trusting, f"https://127.0.0.2:{endpoint.tls_port}/hook")
    assert not result.delivered
    assert endpoint.requests == []


@unverified
def test_no_certificate_is_checked_where_the_operator_says_so(
    client: Client, endpoint: Endpoint
) -> None:
    assert send(client, endpoint.tls_url, verify_tls=False).delivered
    assert endpoint.requests[0].tls


@unverified
def test_what_is_not_checked_for_one_endpoint_is_checked_for_the_next(
    client: Client, endpoint: Endpoint
) -> None:
    assert send(client, endpoint.tls_url, verify_tls=False).delivered
    assert not send(client, endpoint.tls_url, verify_tls=True).delivered
    assert send(client, endpoint.tls_url, verify_tls=False).delivered


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_urllib3_opens_its_connections_through_our_hook(
    trusting: Client, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The hook is a private name of urllib3: an upgrade that drops it must not go unseen."""
    asked: list[tuple[str, int, bool]] = []

    def recording(host: str, port: int, *, encrypted: bool, allowed: object) -> object:
        asked.append((host, port, encrypted))
        return resolve(host, port, encrypted=encrypted, allowed=allowed)  # type: ignore[arg-type]

    monkeypatch.setattr(guarded_http, "resolve", recording)
    url = endpoint.tls_url if scheme == "https" else endpoint.url
    assert send(trusting, url).delivered
    port = endpoint.tls_port if scheme == "https" else endpoint.port
    assert asked == [("127.0.0.1", port, scheme == "https")]


def test_no_cookie_is_kept(client: Client, endpoint: Endpoint) -> None:
    endpoint.answer(Answer(headers={"Set-Cookie": "session=1"}))
    send(client, endpoint.url)
    send(client, endpoint.url)
    assert "Cookie" not in endpoint.requests[1].headers
