"""Django settings. The environment is read here, once, and nowhere else."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from dotenv import load_dotenv
from redis.connection import parse_url as parse_redis_url

from render_signal.config_defaults import config_defaults
from render_signal.env import Env, trusted_origins

BASE_DIR = Path(__file__).resolve().parent.parent

# Variables that are already set win over the file. ENV_FILE= (empty) reads none.
if env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env")):
    load_dotenv(env_file)
env = Env(os.environ)
VAR_DIR = BASE_DIR / "var"

# Django itself

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "FLASK_SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise env.fault(
            "SECRET_KEY",
            "is not set",
            "SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))')",
        )
    SECRET_KEY = "only-for-debugging-" + "0" * 40
# Render names its own host, so that a first deploy answers without a setting.
RENDER_EXTERNAL_HOSTNAME = env.text("RENDER_EXTERNAL_HOSTNAME")
RENDER_EXTERNAL_URL = env.text("RENDER_EXTERNAL_URL")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS") or [
    host for host in ("localhost", "127.0.0.1", "[::1]", RENDER_EXTERNAL_HOSTNAME) if host
]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "configstore",
    "webhooks",
    "polling",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "render_signal.urls"
WSGI_APPLICATION = "render_signal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True

# Where truth lives: the database for work state, Redis for configuration and the lock

VAR_DIR.mkdir(exist_ok=True)
STATIC_ROOT.mkdir(exist_ok=True)
try:
    DATABASES: dict[str, Any] = {
        "default": dj_database_url.parse(
            env.text("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
            conn_max_age=600,
            conn_health_checks=True,
        )
    }
except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError):
    raise env.fault(
        "DATABASE_URL",
        "is not a database URL",
        "DATABASE_URL=postgres://user:password@host:5432/name",
    ) from None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A commit that was reported survives a power cut (FULL); a writer waits for its turn
    # instead of failing half way (IMMEDIATE).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }

REDIS_URL = env.text("REDIS_URL")
try:
    if REDIS_URL:
        # What redis-py understands; it ignores a database that is no number.
        parse_redis_url(REDIS_URL)  # type: ignore[no-untyped-call]  # redis-py's own
        if not REDIS_URL.startswith("unix:"):
            int(urlsplit(REDIS_URL).path.strip("/") or 0)
except ValueError:
    raise env.fault(
        "REDIS_URL", "is not a Redis URL", "REDIS_URL=redis://localhost:6379/0"
    ) from None
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 2,
                "SOCKET_TIMEOUT": 2,
                "IGNORE_EXCEPTIONS": True,
            },
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# What must be counted also while Redis is away, each process for itself.
CACHES["local"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "local",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}

# Who may log in, and how

SESSION_ENGINE = "configstore.sessions"
SESSION_COOKIE_AGE = int(timedelta(weeks=2).total_seconds())
MAGIC_LINK_TTL_SECONDS = env.integer("MAGIC_LINK_TTL_SECONDS", 900, 1, 30 * 86400)
DASHBOARD_USER = env.text("DASHBOARD_USER", "TRIGGER_PAGE_USER")
DASHBOARD_PASSWORD = env.text("DASHBOARD_PASSWORD", "TRIGGER_PAGE_PASSWORD")
env.together(DASHBOARD_USER=DASHBOARD_USER, DASHBOARD_PASSWORD=DASHBOARD_PASSWORD)
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, 0, 10)
if env.boolean("RENDER", False):
    # Render ends TLS and always sets this header itself: without it each login fails, because
    # the browser's https:// origin is not the http:// that arrives here.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = trusted_origins([RENDER_EXTERNAL_HOSTNAME, *ALLOWED_HOSTS])

# configstore

CONFIG_STORE_DIR = env.path("CONFIG_STORE_DIR", VAR_DIR / "config")
CONFIG_STORE_MODE = env.choice("CONFIG_STORE_MODE", "redis_first", ("redis_first", "php_first"))
CONFIG_STORE_REDIS_PREFIX = env.text("CONFIG_STORE_REDIS_PREFIX", default="r:ss:config:")
CONFIG_STORE_DISABLE_REDIS = env.boolean("CONFIG_STORE_DISABLE_REDIS", False)
EXTERNAL_CONFIG_BASE_URL = env.http_base("EXTERNAL_CONFIG_BASE_URL")
CONFIG_API_TOKEN = env.text("CONFIG_API_TOKEN")
if bool(EXTERNAL_CONFIG_BASE_URL) != bool(CONFIG_API_TOKEN):
    if CONFIG_API_TOKEN:
        raise env.fault(
            "EXTERNAL_CONFIG_BASE_URL",
            "is not set although CONFIG_API_TOKEN is",
            "EXTERNAL_CONFIG_BASE_URL=https://www.example.org/config",
        )
    raise env.fault(
        "CONFIG_API_TOKEN", "is not set although EXTERNAL_CONFIG_BASE_URL is", "CONFIG_API_TOKEN=…"
    )
if not (CONFIG_API_TOKEN.isascii() and CONFIG_API_TOKEN.isprintable()):
    raise env.fault(
        "CONFIG_API_TOKEN", "contains a character that no HTTP header can", "CONFIG_API_TOKEN=…"
    )
if CONFIG_STORE_MODE == "php_first" and not EXTERNAL_CONFIG_BASE_URL:
    raise env.fault(
        "CONFIG_STORE_MODE",
        "needs EXTERNAL_CONFIG_BASE_URL and CONFIG_API_TOKEN",
        "CONFIG_STORE_MODE=redis_first",
    )
CONFIG_STORES: list[dict[str, Any]] = []
if REDIS_URL and not CONFIG_STORE_DISABLE_REDIS:
    CONFIG_STORES.append(
        {
            "BACKEND": "configstore.backends.redis.RedisBackend",
            "OPTIONS": {"prefix": CONFIG_STORE_REDIS_PREFIX},
        }
    )
if EXTERNAL_CONFIG_BASE_URL:
    CONFIG_STORES.insert(
        0 if CONFIG_STORE_MODE == "php_first" else len(CONFIG_STORES),
        {
            "BACKEND": "configstore.backends.php.PhpBackend",
            "OPTIONS": {"base_url": EXTERNAL_CONFIG_BASE_URL, "token": CONFIG_API_TOKEN},
        },
    )
CONFIG_STORES.append(
    {
        "BACKEND": "configstore.backends.file.FileBackend",
        "OPTIONS": {"directory": CONFIG_STORE_DIR},
    }
)

# The first encrypts the secrets inside documents, all of them decrypt.
CONFIG_ENCRYPTION_KEYS = env.items("CONFIG_ENCRYPTION_KEYS") or [SECRET_KEY]

# Fields of the documents that the environment supplies. A stored field wins.
CONFIG_DEFAULTS = config_defaults(env)

# polling

EMAIL_ADDRESS = env.text("EMAIL_ADDRESS")
EMAIL_PASSWORD = env.text("EMAIL_PASSWORD")
IMAP_SERVER = env.text("IMAP_SERVER")
IMAP_PORT = env.integer("IMAP_PORT", 993, 1, 65535)
IMAP_USE_SSL = env.boolean("IMAP_USE_SSL", True)
IMAP_TIMEOUT_SECONDS = env.integer("IMAP_TIMEOUT_SECONDS", 30, 1, 600)
MAILBOX_CATCH_UP_DAYS = env.integer("MAILBOX_CATCH_UP_DAYS", 30, 1, 3650)
if IMAP_SERVER and not (EMAIL_ADDRESS and EMAIL_PASSWORD):
    missing = "EMAIL_PASSWORD" if EMAIL_ADDRESS else "EMAIL_ADDRESS"
    raise env.fault(missing, "is not set although IMAP_SERVER is", f"{missing}=…")

REDIS_LOCK_TTL_SECONDS = env.integer("REDIS_LOCK_TTL_SECONDS", 300, 3, 86400)
BG_POLLER_LOCK_FILE = env.path("BG_POLLER_LOCK_FILE", VAR_DIR / "poller.lock")

# webhooks

EGRESS_ALLOWED_CIDRS = env.networks("EGRESS_ALLOWED_CIDRS")
DELIVERY_THREADS = 8
DELIVERY_DEADLINE = timedelta(seconds=25)

# Logs: one line an event

HOSTNAME = socket.gethostname()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # imapclient and urllib3 speak of each connection at INFO or DEBUG: ours say it better.
        "imapclient": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
    },
}
