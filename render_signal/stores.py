"""The stores that the environment names: the database, Redis, the documents, R2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from redis.backoff import NoBackoff
from redis.connection import parse_url as parse_redis_url
from redis.retry import Retry

from configstore.mail_addresses import is_address
from render_signal.env import Env
from runtime.smtp import SmtpServer, smtp_server
from webhooks.egress import EgressRefused, Network, check_url

Declaration = dict[str, Any]
CACHE_SECONDS = 0.5
# A host that has gone is noticed in half a minute, not in the two hours of TCP.
POSTGRES_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
R2_EXAMPLES = {
    "R2_FETCH_ENDPOINT": "https://r2-fetch.example.workers.dev",
    "R2_FETCH_TOKEN": "…",
    "R2_PUBLIC_BASE_URL": "https://files.example.org",
    "R2_BUCKET_NAME": "deliveries",
}


def database(env: Env, default: Path) -> Declaration:
    try:
        declared: Declaration = dict(
            dj_database_url.parse(
                env.text("DATABASE_URL", default=f"sqlite:///{default}"),
                conn_max_age=600,
                conn_health_checks=True,
            )
        )
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError):
        example = "DATABASE_URL=postgres://user:password@host:5432/name"
        raise env.fault("DATABASE_URL", "is not a database URL", example) from None
    if declared["ENGINE"] == "django.db.backends.sqlite3":
        # A commit that was reported survives a power cut (FULL); a writer waits for its turn
        # instead of failing half way (IMMEDIATE).
        declared["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    elif declared["ENGINE"] == "django.db.backends.postgresql":
        # What the URL says itself wins.
        declared["OPTIONS"] = POSTGRES_OPTIONS | declared.get("OPTIONS", {})
    return declared


def redis_url(env: Env) -> str:
    """ "" where there is no Redis."""
    url = env.text("REDIS_URL")
    if not url:
        return ""
    try:
        parse_redis_url(url)  # type: ignore[no-untyped-call]  # redis-py's own
        if not url.startswith("unix:"):
            parts = urlsplit(url)
            int(parts.path.strip("/") or 0)  # redis-py ignores a database that is no number
            (parts.hostname or "").encode("idna")
    except ValueError:  # UnicodeError is one: a host that cannot be looked up
        example = "REDIS_URL=redis://localhost:6379/0"
        raise env.fault("REDIS_URL", "is not a Redis URL", example) from None
    return url


def caches(url: str) -> Declaration:
    memory = "django.core.cache.backends.locmem.LocMemCache"
    shared: Declaration = {"BACKEND": memory}
    if url:
        shared = {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": url,
            "OPTIONS": {
                "REDIS_CLIENT_CLASS": "runtime.redis_cache.CacheRedis",
                "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
                "SOCKET_CONNECT_TIMEOUT": CACHE_SECONDS,
                "SOCKET_TIMEOUT": CACHE_SECONDS,
                "IGNORE_EXCEPTIONS": True,
            },
        }
    # What must be counted also while Redis is away, each process for itself.
    local = {"BACKEND": memory, "LOCATION": "local", "OPTIONS": {"MAX_ENTRIES": 10_000}}
    return {"default": shared, "local": local}


def config_stores(env: Env, redis: str, directory: Path) -> list[Declaration]:
    """The stores of the documents, in the order in which they are asked."""
    chain: list[Declaration] = []
    prefix = env.text("CONFIG_STORE_REDIS_PREFIX", default="r:ss:config:")
    without_redis = env.boolean("CONFIG_STORE_DISABLE_REDIS", False)
    if redis and not without_redis:
        chain.append(_declare("redis.RedisBackend", prefix=prefix))
    base_url, token = _php_api(env)
    mode = env.choice("CONFIG_STORE_MODE", "redis_first", ("redis_first", "php_first"))
    if base_url:
        place = 0 if mode == "php_first" else len(chain)
        chain.insert(place, _declare("php.PhpBackend", base_url=base_url, token=token))
    elif mode == "php_first":
        what = "needs EXTERNAL_CONFIG_BASE_URL and CONFIG_API_TOKEN"
        raise env.fault("CONFIG_STORE_MODE", what, "CONFIG_STORE_MODE=redis_first")
    chain.append(_declare("file.FileBackend", directory=directory))
    return chain


def _declare(backend: str, **options: Any) -> Declaration:
    return {"BACKEND": f"configstore.backends.{backend}", "OPTIONS": options}


def _php_api(env: Env) -> tuple[str, str]:
    base_url = env.http_base("EXTERNAL_CONFIG_BASE_URL")
    token = env.text("CONFIG_API_TOKEN")
    _check_token(env, "CONFIG_API_TOKEN")
    if token and not base_url:
        raise env.fault(
            "EXTERNAL_CONFIG_BASE_URL",
            "is not set although CONFIG_API_TOKEN is",
            "EXTERNAL_CONFIG_BASE_URL=https://www.example.org/config",
        )
    if base_url and not token:
        what = "is not set although EXTERNAL_CONFIG_BASE_URL is"
        raise env.fault("CONFIG_API_TOKEN", what, "CONFIG_API_TOKEN=…")
    return base_url, token


def metrics_token(env: Env) -> str:
    _check_token(env, "METRICS_TOKEN")
    return env.text("METRICS_TOKEN")


def _check_token(env: Env, name: str) -> None:
    token = env.text(name)
    if not (token.isascii() and token.isprintable()):
        raise env.fault(name, "contains a character that no HTTP header can", f"{name}=…")


def alert_mail(env: Env) -> tuple[SmtpServer | None, str]:
    """The server that alerts are mailed by, and their sender."""
    url, sender = env.text("ALERT_SMTP_URL"), env.text("ALERT_FROM")
    env.together(ALERT_SMTP_URL=url, ALERT_FROM=sender)
    if not url:
        return None, ""
    try:
        server = smtp_server(url)
    except ValueError:
        what = "is not smtps:// or smtp://, a user name and password in URL encoding, and a host"
        example = "ALERT_SMTP_URL=smtps://user:password@smtp.example.org:465"
        raise env.fault("ALERT_SMTP_URL", what, example) from None
    if not is_address(parseaddr(sender)[1]) or not sender.isprintable():
        what = "is not a mail address"
        raise env.fault("ALERT_FROM", what, "ALERT_FROM=relay@example.org")
    return server, sender


def check_r2(env: Env, allowed: Sequence[Network]) -> None:
    """Where files are moved to R2: whether all that is needed for it is there and usable."""

    def fault(name: str, what: str) -> Exception:
        return env.fault(name, what, f"{name}={R2_EXAMPLES[name]}")

    for name in R2_EXAMPLES:
        if not env.text(name):
            raise fault(name, "is not set although R2_FETCH_ENABLED is true")
    try:
        check_url(env.text("R2_FETCH_ENDPOINT"), allowed)
    except EgressRefused as exc:
        raise fault("R2_FETCH_ENDPOINT", f"cannot be used: {exc}") from None
    _check_token(env, "R2_FETCH_TOKEN")
    if not env.text("R2_PUBLIC_BASE_URL").lower().startswith("https://"):
        raise fault("R2_PUBLIC_BASE_URL", "does not start with https://")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", env.text("R2_BUCKET_NAME")):
        raise fault("R2_BUCKET_NAME", "is not a name that a bucket can have")
