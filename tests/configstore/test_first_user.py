from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from configstore.first_user import password_hash

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tries")]


@pytest.fixture(autouse=True)
def ada(settings: LazySettings) -> None:
    settings.DASHBOARD_USER, settings.DASHBOARD_PASSWORD = "ada", "correct horse"


def migrate() -> None:
    call_command("migrate", verbosity=0)


def test_migrate_makes_a_superuser_who_can_log_in() -> None:
    migrate()
    user = User.objects.get()
    assert (user.username, user.is_staff, user.is_superuser) == ("ada", True, True)
    assert Client().login(username="ada", password="correct horse")


def test_a_user_of_that_name_stays_as_it_is() -> None:
    User.objects.create_user("ada", password="another")
    migrate()
    user = User.objects.get()
    assert user.check_password("another")
    assert not user.is_superuser


def test_no_user_is_made_that_nobody_named(settings: LazySettings) -> None:
    settings.DASHBOARD_USER = ""
    migrate()
    assert not User.objects.exists()


def test_a_user_made_again_has_the_same_session_hash() -> None:
    migrate()
    before = User.objects.get()
    User.objects.all().delete()
    migrate()
    assert User.objects.get().get_session_auth_hash() == before.get_session_auth_hash()


def test_a_login_does_not_change_the_hash() -> None:
    """Django hashes anew at a login where it finds the salt too short."""
    migrate()
    before = User.objects.get().password
    assert Client().login(username="ada", password="correct horse")
    assert User.objects.get().password == before


def test_the_salt_depends_on_the_user_and_on_the_key(settings: LazySettings) -> None:
    def salt(user: str) -> object:
        stored = password_hash(user, "correct horse")
        return identify_hasher(stored).decode(stored)["salt"]

    before = salt("ada")
    assert before == salt("ada")
    assert salt("eve") != before
    settings.SECRET_KEY = "another" * 10
    assert salt("ada") != before
