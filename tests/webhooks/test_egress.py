from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

import pytest
from django.test import override_settings

from tests.servers.endpoint import Endpoint
from tests.webhooks.examples import endpoint as to
from webhooks.client import Client
from webhooks.egress import EgressRefused, check_url, is_forbidden, resolve

LOOPBACK = [ip_network("127.0.0.0/8")]
PUBLIC = "93.184.216.34"
Records = Callable[..., None]


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Records:
    """What names resolve to: records("93.184.216.34", "127.0.0.1"), the last answer for good."""

    def set_records(*answers: str | list[str]) -> None:
        coming = [[answer] if isinstance(answer, str) else answer for answer in answers]

        def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
            found = coming.pop(0) if len(coming) > 1 else coming[0]
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
                if ":" in address
                else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in found
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return set_records


HOSTILE = [
    "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    str(IPv4Address(0)), "::", "::1", "::7f00:1", "::ffff:7f00:1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002::1",
    "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1",
    "ff0e::1", "::ffff:0:7f00:1", "200::1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_is_not_public_is_forbidden(address: str) -> None:
    assert is_forbidden(ip_address(address), [])


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert not is_forbidden(ip_address(address), [])


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("::ffff:10.1.2.3", True),
        ("fd00::7", True),
        ("::1", False),
    ],
)
def test_what_is_allow_listed_is_allowed_and_nothing_beside_it(address: str, allowed: bool) -> None:
    networks = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]
    assert is_forbidden(ip_address(address), networks) != allowed


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "127.0.0.1", "[::1]", "localhost",
     "[::ffff:7f00:1]", "[::7f00:1]", "[fec0::1]", "[64:ff9b:1::1]", "[ff02::1]", "[2002::1]",
     "169.254.169.254", "[fe80::1]", "017700000001", "127.0.0.1.", "①②⑦.0.0.1"],
)  # fmt: skip
def test_no_spelling_of_a_host_reaches_a_server_on_this_machine(
    endpoint: Endpoint, host: str
) -> None:
    result = Client().send(to(f"https://{host}:{endpoint.tls_port}/x"), "msg_1", "{}")
    assert not result.delivered
    assert endpoint.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://user@{host}/x",
        "https://user:password@{host}/x",
        "https://hook.example.com@{host}/x",
        "https://@{host}/x",
        "https://hook.example.com\\@{host}/x",
        "ftp://{host}/x",
        "//{host}/x",
        "https:{host}/x",
        "https:///x",
        "file:///etc/passwd",
        "",
        "https://[{host}/x",
        "https://{host}/a b",
        "https://{host}/a\r\nb",
    ],
)
def test_a_url_of_another_form_is_refused_before_a_look_up(endpoint: Endpoint, url: str) -> None:
    with pytest.raises(EgressRefused):
        check_url(url.format(host=f"127.0.0.1:{endpoint.port}"), LOOPBACK)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 79, 81, 445, 1023])
def test_the_port_of_another_service_is_refused(port: int) -> None:
    with pytest.raises(EgressRefused, match=f"port {port} belongs to another service"):
        check_url(f"https://hook.example.com:{port}/x", [])


@pytest.mark.parametrize("port", ["", ":80", ":443", ":1024", ":8443", ":65535"])
def test_the_usual_ports_are_allowed(port: str) -> None:
    check_url(f"https://hook.example.com{port}/x", [])


@pytest.mark.parametrize("url", ["https://h.example:99999/x", "https://h.example:s3cret/x"])
def test_a_port_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(EgressRefused, match="malformed") as refused:
        check_url(url, [])
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/x", "https://[::1]/x", "https://[fe80::1%25eth0]/x", "https://127.1/x",
        "https://2130706433/x", "https://0x7f000001/x", "https://169.254.169.254/x",
        "http://93.184.216.34/x", "http://hook.example.com/x",
    ],
)  # fmt: skip
def test_what_the_text_alone_forbids_is_refused_before_a_look_up(url: str) -> None:
    with pytest.raises(EgressRefused, match="EGRESS_ALLOWED_CIDRS"):
        check_url(url, [])


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://intern.example/x", "https://127.1/x", "https://1.1.1.1/x"],
)
def test_what_may_be_allowed_is_left_to_the_look_up(url: str) -> None:
    check_url(url, LOOPBACK)


def test_a_name_with_one_forbidden_address_among_others_is_refused(records: Records) -> None:
    records([PUBLIC, "10.0.0.1"])
    with pytest.raises(EgressRefused, match="hook.example.com is at 10.0.0.1"):
        resolve("hook.example.com", 443, encrypted=True, allowed=[])


def test_a_name_with_a_link_local_address_and_its_zone_is_refused(records: Records) -> None:
    records("fe80::1%eth0")
    with pytest.raises(EgressRefused):
        resolve("hook.example.com", 443, encrypted=True, allowed=[])


def test_a_public_name_gives_all_its_addresses(records: Records) -> None:
    records([PUBLIC, "2606:4700::1111"])
    found = resolve("hook.example.com", 443, encrypted=True, allowed=[])
    assert [address[0] for _, address in found] == [PUBLIC, "2606:4700::1111"]


@pytest.mark.parametrize("address", [PUBLIC, "127.0.0.1"])
def test_plain_http_is_refused_to_all_that_is_not_allow_listed(
    records: Records, address: str
) -> None:
    records(address)
    with pytest.raises(EgressRefused):
        resolve("hook.example.com", 80, encrypted=False, allowed=[])


def test_plain_http_is_refused_if_one_address_is_not_allow_listed(records: Records) -> None:
    records(["127.0.0.1", PUBLIC])
    with pytest.raises(EgressRefused, match="plain http"):
        resolve("hook.example.com", 80, encrypted=False, allowed=LOOPBACK)


def test_plain_http_is_allowed_to_what_is_allow_listed(endpoint: Endpoint) -> None:
    with override_settings(EGRESS_ALLOWED_CIDRS=LOOPBACK):
        assert Client().send(to(endpoint.url), "msg_1", "{}").delivered


def test_a_refusal_names_the_setting_that_would_allow_it(records: Records) -> None:
    records("10.0.0.1")
    result = Client().send(to("https://hook.example.com/s3cret"), "msg_1", "{}")
    assert (result.refused, result.permanent) == (True, True)
    assert "EGRESS_ALLOWED_CIDRS" in result.error
    assert "s3cret" not in result.error


def test_a_name_that_turns_to_this_machine_after_it_was_checked_gets_nothing(
    records: Records, endpoint: Endpoint
) -> None:
    records("127.0.0.2", "127.0.0.1")
    allowed = [ip_network("127.0.0.2/32")]
    url = f"http://rebinding.example:{endpoint.port}/x"
    with override_settings(EGRESS_ALLOWED_CIDRS=allowed):
        results = [Client().send(to(url, deadline_seconds=0.5), "msg_1", "{}") for _ in range(3)]
    assert [result.delivered for result in results] == [False] * 3
    assert [result.refused for result in results] == [False, True, True]
    assert endpoint.connections == 0


def test_the_socket_goes_to_the_very_address_that_was_checked(
    records: Records, endpoint: Endpoint
) -> None:
    records("127.0.0.1", "10.0.0.1")
    url = f"http://rebinding.example:{endpoint.port}/x"
    with override_settings(EGRESS_ALLOWED_CIDRS=LOOPBACK):
        assert Client().send(to(url), "msg_1", "{}").delivered
    assert endpoint.requests[0].headers["Host"] == f"rebinding.example:{endpoint.port}"


def test_the_next_address_is_tried_when_one_does_not_answer(
    records: Records, endpoint: Endpoint
) -> None:
    records(["127.0.0.2", "127.0.0.1"])
    url = f"http://two.example:{endpoint.port}/x"
    with override_settings(EGRESS_ALLOWED_CIDRS=LOOPBACK):
        assert Client().send(to(url), "msg_1", "{}").delivered
