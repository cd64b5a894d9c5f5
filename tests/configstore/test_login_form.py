from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from configstore.throttle import LIMIT
from tests.configstore.links import staff_user

RIGHT = "correct horse"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tries")]


@pytest.fixture(autouse=True)
def ada(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    staff_user()


def log_in(password: str = RIGHT, address: str = "192.0.2.1") -> HttpResponse:
    browser = Client(REMOTE_ADDR=address)
    data = {"username": "ada", "password": password}
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


def test_a_form_that_is_not_filled_in_is_no_try() -> None:
    for _ in range(LIMIT + 1):
        log_in("")
    assert log_in().status_code == 302
