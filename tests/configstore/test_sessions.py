from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from configstore.sessions import SessionStore
from tests.configstore.links import staff_user
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def redis(settings: LazySettings, redis_url: str) -> Iterator[None]:
    options = {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True}
    backend = {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": redis_url,
        "OPTIONS": options,
    }
    settings.CACHES = settings.CACHES | {"default": backend}
    settings.DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = False
    yield
    caches["default"].close()


def new_session() -> str:
    session = SessionStore()
    session["name"] = "ada"
    session.create()
    assert session.session_key
    return session.session_key


def name_in(key: str) -> object:
    return SessionStore(key).get("name")


def rename(session: SessionStore, name: str) -> None:
    session["name"] = name
    session.save()


def test_a_session_goes_on_when_redis_has_lost_it() -> None:
    key = new_session()
    caches["default"].clear()
    assert name_in(key) == "ada"


def test_a_session_goes_on_and_can_be_changed_while_redis_is_away(
    redis_server: RedisServer,
) -> None:
    key = new_session()
    redis_server.stop()
    rename(SessionStore(key), "eve")
    assert name_in(key) == "eve"


def test_a_session_that_only_redis_has_can_be_changed() -> None:
    key = new_session()
    Session.objects.all().delete()
    rename(SessionStore(key), "eve")
    assert name_in(key) == "eve"
    caches["default"].clear()
    assert name_in(key) == "eve"


def test_two_requests_may_bring_a_row_back_together() -> None:
    class Slow(SessionStore):
        def _create_row(self) -> None:
            rename(SessionStore(self.session_key), "eve")
            super()._create_row()

    key = new_session()
    slow = Slow(key)
    Session.objects.all().delete()
    rename(slow, "bob")
    assert name_in(key) == "bob"


def test_a_session_logged_out_meanwhile_is_not_revived() -> None:
    key = new_session()
    late = SessionStore(key)
    assert late["name"] == "ada"
    SessionStore(key).flush()
    with pytest.raises(UpdateError):
        rename(late, "eve")
    assert not Session.objects.exists()
    assert name_in(key) is None


def test_a_row_is_gone_only_after_the_cache_has_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request that comes in between must not take it for a lost row."""
    key = new_session()
    late = SessionStore(key)
    assert late["name"] == "ada"
    session = SessionStore(key)
    forget = session._cache.delete

    def forget_after_another_request(key: str) -> bool:
        if not Session.objects.exists():
            with pytest.raises(UpdateError):
                rename(late, "eve")
        return forget(key)

    monkeypatch.setattr(session._cache, "delete", forget_after_another_request)
    session.flush()
    assert not Session.objects.exists()


def test_someone_logged_in_stays_so_without_redis_and_without_the_row(
    redis_server: RedisServer,
) -> None:
    browser = Client()
    browser.force_login(staff_user())
    Session.objects.all().delete()
    assert browser.get("/admin/").status_code == 200
    session = browser.session
    session["seen"] = True
    session.save()
    redis_server.stop()
    assert browser.get("/admin/").status_code == 200
