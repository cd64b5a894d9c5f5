"""Addresses that lead nowhere, such as that of a mail that was pruned, and pages for others."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from tests.render_signal.titles import said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "There is no such page"), ("fr", "Cette page n’existe pas")],
)
@pytest.mark.parametrize("path", ["/nowhere", "/admin/polling/mail/4711/change/"])
def test_it_is_told_in_the_language_of_the_reader(
    admin_client: Client, path: str, language: str, sentence: str
) -> None:
    answer = admin_client.get(path, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"<h1>{sentence}</h1>" in page
    assert 'href="/admin/"' in page


def test_a_stranger_is_told_so_too(client: Client) -> None:
    assert "There is no such page" in client.get("/nowhere").content.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_whoever_lacks_a_permission_is_told_so(client: Client, language: str) -> None:
    client.force_login(User.objects.create_user("ada", is_staff=True))
    answer = client.get("/admin/auth/user/", headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert said("You may not do this", language) in page
    assert f'<html lang="{language}"' in page
    assert 'href="/admin/"' in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_name_that_is_not_ours_is_told(
    client: Client, settings: LazySettings, language: str
) -> None:
    settings.ALLOWED_HOSTS = ["relay.example"]
    answer = client.get("/admin/", headers={"host": "other.example", "accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said("This request was not understood", language) in page
    assert "ALLOWED_HOSTS" in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_form_that_is_too_long_is_told(
    client: Client, settings: LazySettings, language: str
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    fields = {"username": "ada", "password": "x", "next": "/admin/"}
    answer = client.post("/admin/login/", fields, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said("This request was not understood", language) in page
    assert "ALLOWED_HOSTS" not in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_for_a_button_alone_is_told_so(admin_client: Client, language: str) -> None:
    answer = admin_client.get("/admin/logout/", headers={"accept-language": language})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert said("Nothing is shown at this address", language) in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/webhooks/delivery/?state__exact=%00",
        "/admin/polling/mail/of/a%00b/",
        "/health?x=%00",
        "/admin/configstore/revision/?saved_at__year=999999999999",
        "/admin/webhooks/delivery/?created_at__year=0",
    ],
)
def test_an_address_that_no_page_makes_is_refused(admin_client: Client, address: str) -> None:
    answer = admin_client.get(address)
    assert answer.status_code == 400
    assert said("This request was not understood", "en") in answer.content.decode()


def test_a_nul_in_a_form_is_no_fault_of_ours(admin_client: Client, database: str) -> None:
    resume = "/admin/webhooks/endpointstate/resume/"
    answer = admin_client.post(resume, {"endpoint": "a\0b"})
    assert answer.status_code == {"sqlite": 302, "postgres": 400}[database]
