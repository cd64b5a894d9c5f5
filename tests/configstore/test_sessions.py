from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import LazySettings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from configstore.sessions import OVER, SessionStore
from tests.configstore.links import staff_user
from tests.servers.ports import HOST, free_port
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


def has_row(key: str) -> bool:
    return Session.objects.filter(session_key=key).exists()


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
    assert not has_row(key)
    assert name_in(key) is None


def test_a_row_is_gone_only_after_the_cache_has_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request that comes in between must not take it for a lost row."""
    session_key = new_session()
    late = SessionStore(session_key)
    assert late["name"] == "ada"
    session = SessionStore(session_key)
    forget = session._cache.delete

    def forget_after_another_request(key: str) -> bool:
        if not Session.objects.exists():
            with pytest.raises(UpdateError):
                rename(late, "eve")
        return forget(key)

    monkeypatch.setattr(session._cache, "delete", forget_after_another_request)
    session.flush()
    assert not has_row(session_key)


def redis_key(key: str) -> str:
    return caches["default"].make_key(SessionStore(key).cache_key)


@contextmanager
def illness(server: RedisServer, ill: str) -> Iterator[None]:
    if ill == "read-only":
        server.client().replicaof(HOST, free_port())
    elif ill == "frozen":
        server.freeze()
    else:
        server.stop()
    try:
        yield
    finally:
        server.heal()
        server.client().replicaof("NO", "ONE")


@pytest.mark.parametrize("ill", ["frozen", "read-only", "away"])
def test_who_logged_out_while_redis_was_ill_stays_so_when_it_is_well(
    redis_server: RedisServer, ill: str
) -> None:
    """It still has the session, which nobody could make it forget."""
    key = new_session()
    ended = SessionStore(key)
    assert ended["name"] == "ada"
    kept = redis_server.client().dump(redis_key(key))
    assert kept
    with illness(redis_server, ill):
        ended.flush()
        assert name_in(key) is None
    redis_server.client().restore(redis_key(key), 0, kept, replace=True)
    assert name_in(key) is None
    assert caches["default"].get(SessionStore(key).cache_key) is None


def test_a_late_request_does_not_revive_what_redis_has_not_forgotten(
    redis_server: RedisServer,
) -> None:
    key = new_session()
    late = SessionStore(key)
    assert late["name"] == "ada"
    with illness(redis_server, "read-only"):
        SessionStore(key).flush()
        with pytest.raises(UpdateError):
            rename(late, "eve")
    assert not has_row(key)


def test_no_cookie_removes_what_a_logout_has_left(redis_server: RedisServer) -> None:
    key = new_session()
    with illness(redis_server, "read-only"):
        SessionStore(key).flush()
        SessionStore(OVER + key).flush()
    assert name_in(key) is None


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
