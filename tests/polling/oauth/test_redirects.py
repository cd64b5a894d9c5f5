"""Where a browser brings the answer of the provider."""

from __future__ import annotations

import queue
import socket
from urllib.parse import urlsplit

import pytest
import requests

from polling.oauth.browser_login import BrowserLogin, NotOurs
from polling.oauth.redirects import Redirects
from polling.oauth.token_answers import TokenTrouble
from tests.servers.ports import HOST, free_port

LOGIN = BrowserLogin(client_id="c", redirect_uri="http://127.0.0.1:1/")


def port_of(redirects: Redirects) -> int:
    return urlsplit(redirects.uri).port or 0


def test_what_a_browser_brings_comes_out_and_is_thanked_for(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Redirects(0) as redirects:
        answer = requests.get(f"{redirects.uri}?code=c0de&state=s", timeout=5)
        assert redirects.brought.get(timeout=5) == "/?code=c0de&state=s"
    assert answer.status_code == 200
    assert "c0de" not in answer.text
    assert "c0de" not in "".join(capfd.readouterr())


def test_what_else_a_browser_asks_for_is_not_there() -> None:
    with Redirects(0) as redirects:
        assert requests.get(f"{redirects.uri}favicon.ico", timeout=5).status_code == 404
        with pytest.raises(queue.Empty):
            redirects.brought.get(timeout=0.1)


def test_a_connection_that_a_browser_does_not_use_keeps_nobody_waiting() -> None:
    with (
        Redirects(0) as redirects,
        socket.create_connection((HOST, port_of(redirects))),
    ):
        requests.get(f"{redirects.uri}?code=c0de", timeout=5)
        assert redirects.brought.get(timeout=5)


def test_the_port_is_free_again_afterwards_and_taken_meanwhile() -> None:
    port = free_port()
    for _ in range(2):
        with Redirects(port) as redirects:
            requests.get(f"{redirects.uri}?code=c0de", timeout=5)
            with pytest.raises(OSError, match="in use"):
                Redirects(port)


@pytest.mark.parametrize("address", ["", "what?", "http://[", "http://127.0.0.1/?code=c&state=é"])
def test_an_address_that_does_not_belong_to_the_login_is_none(address: str) -> None:
    with pytest.raises(NotOurs):
        LOGIN.code(address)


def test_whole_addresses_and_paths_are_understood() -> None:
    assert LOGIN.code(f"/?state={LOGIN.state}&code=a%2Fb") == "a/b"
    assert LOGIN.code(f"  http://127.0.0.1:1/?code=a%2Fb&state={LOGIN.state}\n") == "a/b"


def test_a_refusal_is_told_by_its_code_alone() -> None:
    with pytest.raises(TokenTrouble, match=r"\(it says no reason\)") as caught:
        LOGIN.code(f"/?state={LOGIN.state}&error=<b>s3cret</b>")
    assert "s3cret" not in str(caught.value)


def test_no_secret_of_a_login_is_shown() -> None:
    assert LOGIN.state not in repr(LOGIN)
    assert LOGIN.verifier not in repr(LOGIN)
