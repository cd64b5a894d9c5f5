from __future__ import annotations

import logging
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from configstore.declared import config_store
from configstore.magic_links import NewLink
from configstore.models import MagicLinkUse
from configstore.throttle import LIMIT
from tests.configstore.links import NOW, permanent, single_use, staff_user, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files", "no_tries")]


@pytest.fixture(autouse=True)
def ada() -> User:
    return staff_user()


@pytest.fixture
def link() -> NewLink:
    with time_machine.travel(NOW):
        return permanent()


def page(link: NewLink) -> str:
    return link.path.partition("#")[0]


def press(
    browser: Client, link: NewLink, secret: str | None = None, query: str = ""
) -> HttpResponse:
    data = {"secret": link.secret if secret is None else secret}
    return browser.post(page(link) + query, data)  # type: ignore[return-value]


def is_logged_in(browser: Client) -> bool:
    return browser.get("/admin/").status_code == 200


def test_the_button_logs_in_and_leads_to_the_admin(link: NewLink) -> None:
    browser = Client()
    response = press(browser, link)
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    assert is_logged_in(browser)


def test_looking_at_the_page_uses_nothing_up() -> None:
    """Mail scanners follow links."""
    with time_machine.travel(NOW):
        link = single_use()
        for method in ("get", "head", "options"):
            getattr(Client(), method)(page(link))
        assert not MagicLinkUse.objects.exists()
        assert press(Client(), link).status_code == 302


def test_the_page_has_one_button_and_a_field_for_browsers_without_javascript(
    link: NewLink,
) -> None:
    html = Client().get(page(link)).content.decode()
    assert html.count('type="submit"') == 1
    assert '<input type="text" name="secret" id="id_secret" required' in html
    assert "<h1>" not in html


def test_the_page_holds_no_inline_script_and_no_inline_style(link: NewLink) -> None:
    html = Client().get(page(link)).content.decode()
    assert html.count("<script") == html.count("<script src=") == 3
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    for name in ("configstore/magic_link.js", "configstore/magic_link.css"):
        assert f"/static/{name}" in html
        assert finders.find(name)


def test_the_page_is_kept_by_nobody_and_names_itself_to_nobody(link: NewLink) -> None:
    headers = Client().get(page(link)).headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_post_from_another_site_is_refused(link: NewLink) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert press(browser, link).status_code == 403
    assert not is_logged_in(browser)


def test_the_whole_link_may_be_pasted(link: NewLink) -> None:
    browser = Client()
    press(browser, link, f" https://relay.example{link.path}\n")
    assert is_logged_in(browser)


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/admin/password_change/", "/admin/password_change/"),
        ("https://evil.example/", "/admin/"),
        ("//evil.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ],
)
def test_next_leads_to_this_site_only(link: NewLink, target: str, leads_to: str) -> None:
    response = press(Client(), link, query=f"?next={target}")
    assert response.headers["Location"] == leads_to


def test_a_wrong_secret_and_an_unknown_link_get_the_same_answer(link: NewLink) -> None:
    def answer(path: str) -> str:
        response = Client().post(path, {"secret": "guess"})
        assert response.status_code == 403
        return response.content.decode()

    wrong = answer(page(link))
    assert "This link is not known." in wrong
    assert "Log in with a password" in wrong
    assert wrong == answer("/login/link/0123456789abcdef/")


def test_a_used_and_an_expired_link_say_so() -> None:
    with time_machine.travel(NOW) as clock:
        used, late = single_use(), single_use()
        press(Client(), used)
        assert "used already" in press(Client(), used).content.decode()
        clock.shift(900)
        response = press(Client(), late)
    assert response.status_code == 403
    assert "has expired" in response.content.decode()


def test_an_owner_who_may_not_log_in_is_refused(link: NewLink, ada: User) -> None:
    ada.delete()
    browser = Client()
    response = press(browser, link)
    assert "may not log in any more" in response.content.decode()
    assert not is_logged_in(browser)


def test_stores_that_cannot_be_asked_are_told_and_not_held_against_anyone(
    link: NewLink, files: Path
) -> None:
    for path in sorted(files.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    files.rmdir()
    files.write_text("no folder")
    config_store.cache_clear()
    for _ in range(LIMIT + 1):
        response = press(Client(), link)
    assert response.status_code == 503
    assert "cannot be checked at the moment" in response.content.decode()


def test_too_many_guesses_are_stopped_with_a_time_to_wait(link: NewLink) -> None:
    for _ in range(LIMIT):
        assert press(Client(), link, "guess").status_code == 403
    browser = Client()
    response = press(browser, link)
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes" in response.content.decode()
    assert not is_logged_in(browser)


def test_who_comes_late_with_the_right_secret_is_no_guesser() -> None:
    with time_machine.travel(NOW):
        link = single_use()
        for _ in range(LIMIT + 2):
            response = press(Client(), link)
        assert response.status_code == 403


def test_guesses_behind_a_proxy_count_for_the_client(settings: LazySettings, link: NewLink) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    for _ in range(LIMIT):
        press(Client(headers={"X-Forwarded-For": "192.0.2.1"}), link, "guess")
    assert press(Client(headers={"X-Forwarded-For": "192.0.2.1"}), link).status_code == 429
    assert press(Client(headers={"X-Forwarded-For": "192.0.2.2"}), link).status_code == 302


def test_the_log_names_the_link_and_the_address_and_never_the_secret(
    link: NewLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = link.secret[::-1]
    for _ in range(LIMIT):
        press(Client(REMOTE_ADDR="192.0.2.1"), link, wrong)
    press(Client(REMOTE_ADDR="192.0.2.1"), link)
    press(Client(REMOTE_ADDR="192.0.2.2"), link)
    said = [record.getMessage() for record in caplog.records if record.name == "configstore.views"]
    assert said[0] == f"Magic link refused link={link.id} reason=wrong address=192.0.2.1"
    assert said[-2] == f"Magic link refused link={link.id} reason=throttled address=192.0.2.1"
    assert said[-1] == f"Magic link used link={link.id} user=ada address=192.0.2.2"
    assert link.secret not in caplog.text
    assert wrong not in caplog.text


def test_a_name_that_is_none_leads_nowhere() -> None:
    for name in ("a%0Ab", "a b", "é", "a/b"):
        assert Client().get(f"/login/link/{name}/").status_code == 404


def test_a_permanent_link_is_not_marked(link: NewLink) -> None:
    press(Client(), link)
    assert stored()[link.id]["consumed"] is False
