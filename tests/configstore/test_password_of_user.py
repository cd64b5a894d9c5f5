"""The page on which the password of a user is set, /admin/auth/user/ID/password/."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_says_in_the_readers_language_what_becomes_of_the_password(
    admin_client: Client, admin_user: User, language: str
) -> None:
    path = f"/admin/auth/user/{admin_user.pk}/password/"
    page = admin_client.get(path, headers={"accept-language": language}).content.decode()
    with translation.override(language):
        lost = translation.gettext("If disabled, the current password for this user will be lost.")
    assert f'class="warning">{lost}</li>' in page
    assert "LDAP" not in page


def test_who_has_no_password_any_more_is_set_one(admin_client: Client, admin_user: User) -> None:
    path = f"/admin/auth/user/{admin_user.pk}/password/"
    admin_client.post(path, {"usable_password": "false", "unset-password": "x"})
    admin_user.refresh_from_db()
    assert not admin_user.has_usable_password()
    new = {"password1": "another horse", "password2": "another horse", "set-password": "x"}
    admin_client.force_login(admin_user)
    assert admin_client.post(path, new).status_code == 302
    admin_user.refresh_from_db()
    assert admin_user.check_password("another horse")
