from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from configstore.throttle import LIMIT, USER_LIMIT
from tests.configstore.links import staff_user

RIGHT = "correct horse"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tries")]


@pytest.fixture(autouse=True)
def ada() -> None:
    staff_user()


def log_in(
    password: str = RIGHT, address: str = "192.0.2.1", name: str = "ada", **headers: str
) -> HttpResponse:
    browser = Client(REMOTE_ADDR=address, headers=headers)
    data = {"username": name, "password": password}
    return browser.post("/admin/login/?next=/admin/", data)  # type: ignore[return-value]


def test_the_right_password_logs_in_as_often_as_one_likes() -> None:
    for _ in range(LIMIT + 2):
        assert log_in().status_code == 302


def test_after_too_many_wrong_passwords_not_even_the_right_one_is_looked_at(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(LIMIT):
        assert "Please enter the correct" in log_in("guess").content.decode()
    response = log_in()
    assert response.status_code == 200
    assert "Too many failed tries. Wait 15 minutes" in response.content.decode()
    assert "Login refused reason=throttled address=192.0.2.1" in caplog.text
    assert log_in(address="192.0.2.2").status_code == 302


def test_who_has_no_staff_status_is_told_so_with_the_right_password_alone() -> None:
    User.objects.update(is_staff=False)
    assert "has to give it staff status" in log_in().content.decode()
    assert "staff status" not in log_in("guess").content.decode().replace("a staff account", "")


def test_a_form_that_is_not_filled_in_is_no_try() -> None:
    for _ in range(LIMIT + 1):
        log_in("")
    assert log_in().status_code == 302


def test_forged_headers_and_other_names_are_no_way_round() -> None:
    for number in range(LIMIT):
        fake = f"203.0.113.{number}"
        log_in("guess", name=f"user{number}", **{"X-Forwarded-For": fake, "CF-Connecting-IP": fake})
    assert "Too many failed tries" in log_in().content.decode()


def test_one_name_is_not_guessed_from_a_thousand_addresses() -> None:
    for number in range(USER_LIMIT):
        log_in("guess", f"198.51.100.{number}", ("ada", "Ada")[number % 2])
    address = "192.0.2.200"
    assert "Too many failed tries" in log_in(address=address).content.decode()
    assert "correct" in log_in("guess", address, "bob").content.decode()


def test_the_old_password_is_not_guessed_at_an_open_browser(
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = Client()
    browser.login(username="ada", password=RIGHT)
    fields = {"new_password1": "another horse", "new_password2": "another horse"}
    for _ in range(LIMIT):
        browser.post("/admin/password_change/", {"old_password": "guess", **fields})
    answer = browser.post("/admin/password_change/", {"old_password": RIGHT, **fields})
    assert "Too many failed tries. Wait 15 minutes" in answer.content.decode()
    assert "Password change refused reason=throttled user=ada" in caplog.text


def test_the_password_is_changed() -> None:
    browser = Client()
    browser.login(username="ada", password=RIGHT)
    fields = {"new_password1": "another horse", "new_password2": "another horse"}
    answer = browser.post("/admin/password_change/", {"old_password": RIGHT, **fields})
    assert answer["Location"] == "/admin/password_change/done/"
    assert log_in("another horse").status_code == 302
