"""What the web process lets nobody do, behind a proxy as the platform has one."""

from __future__ import annotations

import re

import pytest
import requests

from configstore.throttle import LIMIT
from tests.render_signal.conftest import PASSWORD, MakeWeb
from tests.servers.web import Visitor, Web

HOST = "relay.example.com"
OURS, THEIRS = "198.51.100.7", "203.0.113.9"
RENDER = {
    "RENDER": "true",
    "RENDER_EXTERNAL_HOSTNAME": HOST,
    "FORWARDED_ALLOW_IPS": "192.0.2.1",  # gunicorn itself would trust a proxy on this machine
}
ONE_PROXY = {"TRUSTED_PROXY_COUNT": "1", "ALLOWED_HOSTS": HOST}


def behind_tls(address: str, **headers: str) -> Visitor:
    """Somebody at that address, as Render's proxies pass the request on."""
    return Visitor(
        {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"{address}, 172.71.95.118, 10.19.64.237",
            "CF-Connecting-IP": address,
            **headers,
        }
    )


def log_in(visitor: Visitor, web: Web, password: str = PASSWORD) -> requests.Response:
    page = f"{web.url}/admin/login/"
    return visitor.submit(page, username="ada", password=password, next="/admin/")


def test_render_is_spoken_to_by_https_alone(make_web: MakeWeb) -> None:
    web = make_web(**RENDER)
    visitor = behind_tls(OURS)
    page = visitor.get(f"{web.url}/admin/login/")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    answer = log_in(visitor, web)
    cookies = re.findall(r"(csrftoken|sessionid)=\w+; (.*?)(?=, \w+=\w|$)",
                         answer.headers["Set-Cookie"])  # fmt: skip
    assert {name for name, _ in cookies} == {"csrftoken", "sessionid"}
    for name, attributes in cookies:
        for attribute in ("HttpOnly", "SameSite=Lax", "Secure"):
            assert attribute in attributes.split("; "), name
    plain = behind_tls(OURS, **{"X-Forwarded-Proto": "http"})
    moved = plain.get(f"{web.url}/admin/")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"https://{HOST}/admin/")
    assert plain.get(f"{web.url}/health/ready").status_code == 200


def test_a_form_from_elsewhere_is_refused_in_words(make_web: MakeWeb) -> None:
    web = make_web(**RENDER)
    french = {"Accept-Language": "fr"}
    stranger = behind_tls(THEIRS, **french, Origin="https://elsewhere.example")
    without_cookies = behind_tls(THEIRS, **french)
    fields = {"username": "ada", "password": PASSWORD}
    answers = (
        log_in(stranger, web),
        without_cookies.post(f"{web.url}/admin/login/", **fields),
    )
    for answer in answers:
        assert answer.status_code == 403
        assert "sessionid" not in answer.headers.get("Set-Cookie", "")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert '<html lang="fr"' in answer.text
        assert 'href="/admin/"' in answer.text
        assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("trusted", "status"), [({}, 302), ({"FORWARDED_ALLOW_IPS": "192.0.2.1"}, 403)],
    ids=["the proxy is here", "it is elsewhere, and not named"],
)  # fmt: skip
def test_a_tls_proxy_of_ones_own_is_believed_where_it_is_named(
    make_web: MakeWeb, trusted: dict[str, str], status: int
) -> None:
    web = make_web(**ONE_PROXY, **trusted)
    assert log_in(behind_tls(OURS), web).status_code == status
    assert log_in(behind_tls(OURS, **{"X-Forwarded-Proto": ""}), web).status_code == 403


@pytest.mark.parametrize(
    ("variables", "passed_on"),
    [
        # Render's proxy writes this header anew, and adds to the other one.
        (RENDER, {"CF-Connecting-IP": "{own}", "X-Forwarded-For": "{forged}, {own}, 10.19.64.237"}),
        # A proxy that knows nothing of it passes on what a client has written there.
        (ONE_PROXY, {"CF-Connecting-IP": "{forged}", "X-Forwarded-For": "{forged}, {own}"}),
    ],
)
def test_whoever_guesses_passwords_is_held_up_alone_whatever_they_write(
    make_web: MakeWeb, variables: dict[str, str], passed_on: dict[str, str]
) -> None:
    web = make_web(**variables)

    def visitor(own: str, forged: str) -> Visitor:
        headers = {name: text.format(own=own, forged=forged) for name, text in passed_on.items()}
        return behind_tls(own, **headers)

    for number in range(LIMIT):
        answer = log_in(visitor(THEIRS, f"192.0.2.{number}"), web, "a guess")
        assert "Too many" not in answer.text
    guesser = log_in(visitor(THEIRS, OURS), web)
    assert (guesser.status_code, "Too many failed tries" in guesser.text) == (200, True)
    assert log_in(visitor(OURS, THEIRS), web).status_code == 302
    web.stop()
    assert f"Login refused reason=throttled address={THEIRS}" in web.log
