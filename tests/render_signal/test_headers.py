"""What every answer tells the browser to refuse."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from configstore import magic_links
from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db
STATIC = "/static/configstore/configuration.css"


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/login/link/abc/", "/health/live", "/nowhere/", STATIC]
)
def test_every_answer_is_strict(stores: Stores, path: str) -> None:
    answer = Client().get(path)
    b"".join(answer)  # a file is closed when it is read to its end
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_cookies_are_for_this_site_and_for_no_script(stores: Stores, admin_user: User) -> None:
    browser = Client()
    fields = {"username": admin_user.username, "password": "password"}
    browser.get("/admin/login/")
    browser.post("/admin/login/", fields)
    for name in ("sessionid", "csrftoken"):
        cookie = browser.cookies[name]
        assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")


def test_what_is_shown_once_is_kept_nowhere(stores: Stores, admin_user: User) -> None:
    browser = Client()
    browser.force_login(admin_user)
    made = browser.post("/admin/configstore/magiclink/", {"owner": "admin", "kind": "once"})
    assert "shown this once" in made.content.decode()
    link = magic_links.create("admin", True, "admin", timezone.now())
    for answer in (made, Client().get(link.path.partition("#")[0])):
        assert "no-store" in answer.headers["Cache-Control"]
