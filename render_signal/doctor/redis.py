"""Redis: whether it answers, what it is, and whether we may do there what we do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from redis import Redis, exceptions

from render_signal.doctor import redis_permissions
from render_signal.doctor.finding import Finding, green, red, yellow
from runtime.redis import REDIS_ERRORS, redis_client

# Older ones refuse a script that reads the time and then writes.
OLDEST = (5, 0)


def redis() -> Iterator[Finding]:
    client = redis_client()
    if client is None:
        yield yellow(
            _("Redis is not used: REDIS_URL is not set."),
            _("Set REDIS_URL as soon as there is more than one runpoller or container."),
        )
        return
    begun = time.monotonic()
    try:
        client.ping()
    except REDIS_ERRORS as exc:
        yield _unreachable(exc)
        return
    took = {"ms": round((time.monotonic() - begun) * 1000), "host": _host()}
    yield green(_("Redis at %(host)s answers in %(ms)d ms.") % took)
    yield from _server(client)
    yield redis_permissions.permissions(client)


def _unreachable(error: Exception) -> Finding:
    place = {"host": _host(), "error": type(error).__name__}
    if isinstance(error, exceptions.AuthenticationError):
        return red(
            _("Redis at %(host)s refuses the user name or password.") % place,
            _("Correct the login in REDIS_URL."),
        )
    if isinstance(error, exceptions.NoPermissionError):
        return red(
            _("Redis at %(host)s refuses even PING to this user.") % place,
            _("Give the user of REDIS_URL the rights that it needs (ACL SETUSER)."),
        )
    if isinstance(error, exceptions.TimeoutError):
        return red(
            _("Redis at %(host)s does not answer in time: it hangs, or is out of reach.") % place,
            _("Look at the Redis service and its load; restart it if it hangs."),
        )
    return red(
        _("Redis at %(host)s cannot be reached (%(error)s).") % place,
        _("Start Redis, or correct host and port in REDIS_URL."),
    )


def _host() -> str:
    """All of the URL that may be told."""
    return urlsplit(settings.REDIS_URL).hostname or "localhost"


def _server(client: Redis) -> Iterator[Finding]:
    try:
        info: dict[str, Any] = client.info()
    except REDIS_ERRORS as exc:
        yield yellow(
            _("Version, eviction and persistence are not known: INFO is refused (%(error)s).")
            % {"error": type(exc).__name__},
            _("Allow INFO to the user of REDIS_URL, or look at them yourself."),
        )
        return
    yield _version(str(info.get("redis_version", "0.0")))
    yield _eviction(str(info.get("maxmemory_policy", "noeviction")))
    yield _persistence(client, info)


def _version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= OLDEST:
        return green(_("Its version is %(version)s.") % {"version": version})
    return red(
        _("Its version is %(version)s, which is too old.") % {"version": version},
        _("Use Redis 5 or newer, or Valkey."),
    )


def _eviction(policy: str) -> Finding:
    if policy == "noeviction":
        return green(_("It evicts nothing (noeviction)."))
    return yellow(
        _("It may throw keys away when memory is short (%(policy)s): the lock, the settings.")
        % {"policy": policy},
        _("Set maxmemory-policy to noeviction."),
    )


def _persistence(client: Redis, info: dict[str, Any]) -> Finding:
    if info.get("aof_enabled"):
        return green(_("It keeps a journal on disk (appendonly)."))
    if (saves := _saves(client)) is None:
        return green(_("It keeps no journal on disk; whether it saves snapshots is not told."))
    if saves:
        return green(_("It saves snapshots on disk."))
    return yellow(
        _("It keeps nothing on disk: a restart forgets sessions and what was delivered."),
        _("Switch persistence on (appendonly yes), or choose a plan that has it."),
    )


def _saves(client: Redis) -> str | None:
    """When it saves snapshots; None where it does not tell: many providers forbid CONFIG."""
    try:
        return client.config_get("save").get("save")
    except REDIS_ERRORS:
        return None
