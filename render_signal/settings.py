"""Django settings. The environment is read here, once, and nowhere else."""

from __future__ import annotations

import logging
import os
import secrets
from datetime import timedelta
from pathlib import Path

from render_signal import stores
from render_signal.config_defaults import config_defaults
from render_signal.content_security import CONTENT_SECURITY_POLICY as CONTENT_SECURITY_POLICY
from render_signal.env import Env, kept_key, trusted_origins
from runtime.env_file import load_env_file

BASE_DIR = Path(__file__).resolve().parent.parent

load_env_file(os.environ.get("ENV_FILE"), BASE_DIR / ".env")
env = Env(os.environ)
VAR_DIR = BASE_DIR / "var"

# Django itself

DEBUG = env.boolean("DEBUG", False)
# `make run` keeps a key for who has set none; the other commands then use the same.
SECRET_KEY = env.key("SECRET_KEY", "FLASK_SECRET_KEY") or kept_key(VAR_DIR / "secret_key")
if not SECRET_KEY:
    if not DEBUG:
        example = f"SECRET_KEY={secrets.token_urlsafe(50)}"
        raise env.fault("SECRET_KEY", "is not set", example)
    SECRET_KEY = "only-for-debugging-" + "0" * 40
ON_RENDER = env.boolean("RENDER", False)
RENDER_SERVICE_TYPE = env.text("RENDER_SERVICE_TYPE")
# Render names its own host, so that a first deploy answers without a setting.
RENDER_EXTERNAL_HOSTNAME = env.text("RENDER_EXTERNAL_HOSTNAME")
RENDER_EXTERNAL_URL = env.text("RENDER_EXTERNAL_URL")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS") or [
    host for host in ("localhost", "127.0.0.1", "[::1]", RENDER_EXTERNAL_HOSTNAME) if host
]

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "configstore",
    "webhooks",
    "polling",
    "render_signal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "render_signal.middleware.PermissionsPolicyMiddleware",
    "render_signal.middleware.HeadMiddleware",
    "render_signal.middleware.MethodMiddleware",
    "render_signal.middleware.UnreadableMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "render_signal.places.PlacesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "render_signal.middleware.HostMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "render_signal.middleware.TimeZoneMiddleware",
]
ROOT_URLCONF = "render_signal.urls"
WSGI_APPLICATION = "render_signal.wsgi.application"
PORT = env.integer("PORT", 8000, 1, 65535)
WEB_CONCURRENCY = env.integer("WEB_CONCURRENCY", 1, 1, 64)
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
# Of pages where a browser asks for neither, and of alerts.
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", "en", ("en", "fr"))
# Of what commands print to people; pages follow the browser.
SPOKEN = env.text("LC_ALL", "LC_MESSAGES", "LANG").lower()
COMMAND_LANGUAGE = "fr" if SPOKEN.startswith("fr") else LANGUAGE_CODE
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "render_signal.formats"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True

# Where truth lives: the database for work state, Redis for configuration and the lock

VAR_DIR.mkdir(exist_ok=True)
STATIC_ROOT.mkdir(exist_ok=True)
DATABASES = {"default": stores.database(env, VAR_DIR / "db.sqlite3")}
REDIS_URL = stores.redis_url(env)
CACHES = stores.caches(REDIS_URL)

# Who may log in, and how

# A page of routing rules has some ten fields a rule.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

SESSION_ENGINE = "configstore.sessions"
SESSION_COOKIE_AGE = int(timedelta(weeks=2).total_seconds())
MAGIC_LINK_TTL_SECONDS = env.integer("MAGIC_LINK_TTL_SECONDS", 900, 1, 30 * 86400)
DASHBOARD_USER = env.text("DASHBOARD_USER", "TRIGGER_PAGE_USER")
DASHBOARD_PASSWORD = env.text("DASHBOARD_PASSWORD", "TRIGGER_PAGE_PASSWORD")
env.together(DASHBOARD_USER=DASHBOARD_USER, DASHBOARD_PASSWORD=DASHBOARD_PASSWORD)
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, 0, 10)
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)", r"^metrics$"]
SILENCED_SYSTEM_CHECKS = [
    # Whether the domain above and those below speak TLS is not ours to promise.
    "security.W005",
    "security.W021",
    # Asks for 50 characters; Render makes keys of 44, with 256 bits. Ours is render_signal.W001.
    "security.W009",
]
# Render has several proxies in a row, the number of which is its own affair; the outermost
# always sets this header itself.
CLIENT_ADDRESS_HEADER = env.text(
    "CLIENT_ADDRESS_HEADER", default="CF-Connecting-IP" if ON_RENDER else ""
)
if ON_RENDER:
    # Render ends TLS and always sets this header itself: without it each login fails, because
    # the browser's https:// origin is not the http:// that arrives here.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    LANGUAGE_COOKIE_SECURE = True
    # Its proxy redirects too; what asks /health and /metrics from within comes by plain http.
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    CSRF_TRUSTED_ORIGINS = trusted_origins([RENDER_EXTERNAL_HOSTNAME, *ALLOWED_HOSTS])

# What a browser may do with our pages: nothing but what comes from here

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Not "Strict": whoever follows a link from a mail to a page of ours stays logged in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# configstore

CONFIG_STORE_DIR = env.path("CONFIG_STORE_DIR", VAR_DIR / "config")
CONFIG_STORES = stores.config_stores(env, REDIS_URL, CONFIG_STORE_DIR)

# The first encrypts the secrets inside documents, all of them decrypt.
CONFIG_ENCRYPTION_KEYS = env.items("CONFIG_ENCRYPTION_KEYS") or [SECRET_KEY]

# Fields of the documents that the environment supplies. A stored field wins.
CONFIG_DEFAULTS = config_defaults(env)

# polling

EMAIL_ADDRESS = env.text("EMAIL_ADDRESS")
EMAIL_PASSWORD = env.text("EMAIL_PASSWORD")
IMAP_SERVER = env.text("IMAP_SERVER")
# None where the document polling_config decides.
IMAP_PORT = env.integer("IMAP_PORT", 993, 1, 65535) if env.text("IMAP_PORT") else None
IMAP_USE_SSL = env.boolean("IMAP_USE_SSL", True) if env.text("IMAP_USE_SSL") else None
EMAIL_OAUTH_PROVIDER = env.text("EMAIL_OAUTH_PROVIDER")
EMAIL_OAUTH_CLIENT_ID = env.text("EMAIL_OAUTH_CLIENT_ID")
EMAIL_OAUTH_CLIENT_SECRET = env.text("EMAIL_OAUTH_CLIENT_SECRET")
EMAIL_OAUTH_REFRESH_TOKEN = env.text("EMAIL_OAUTH_REFRESH_TOKEN")
EMAIL_OAUTH_TENANT = env.text("EMAIL_OAUTH_TENANT")
EMAIL_OAUTH_TOKEN_URL = env.text("EMAIL_OAUTH_TOKEN_URL")
EMAIL_OAUTH_SCOPE = env.text("EMAIL_OAUTH_SCOPE")
IMAP_TIMEOUT_SECONDS = env.integer("IMAP_TIMEOUT_SECONDS", 30, 1, 600)
MAILBOX_CATCH_UP_DAYS = env.integer("MAILBOX_CATCH_UP_DAYS", 30, 1, 3650)

REDIS_LOCK_KEY = env.text("REDIS_LOCK_KEY", default="render_signal:poller_lock")
REDIS_LOCK_TTL_SECONDS = env.integer("REDIS_LOCK_TTL_SECONDS", 300, 3, 86400)
BG_POLLER_LOCK_FILE = env.path("BG_POLLER_LOCK_FILE", VAR_DIR / "poller.lock")

# webhooks

EGRESS_ALLOWED_CIDRS = env.networks("EGRESS_ALLOWED_CIDRS")
DELIVERY_THREADS = 8

# Who is told of trouble, and by which mail server
ALERT_SMTP, ALERT_FROM = stores.alert_mail(env)

# R2: the Cloudflare Worker that fetches the files behind delivery links
R2_FETCH_ENABLED = env.boolean("R2_FETCH_ENABLED", False)
R2_FETCH_ENDPOINT = env.http_base("R2_FETCH_ENDPOINT", stores.R2_EXAMPLES["R2_FETCH_ENDPOINT"])
R2_FETCH_TOKEN = env.text("R2_FETCH_TOKEN")
R2_PUBLIC_BASE_URL = env.http_base("R2_PUBLIC_BASE_URL", stores.R2_EXAMPLES["R2_PUBLIC_BASE_URL"])
R2_BUCKET_NAME = env.text("R2_BUCKET_NAME")
if R2_FETCH_ENABLED:
    stores.check_r2(env, EGRESS_ALLOWED_CIDRS)

# What Prometheus has to show at /metrics
METRICS_TOKEN = stores.metrics_token(env)

# Logs: one line an event

LOG_FORMAT = env.choice("LOG_FORMAT", "plain", ("plain", "json"))
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "render_signal.logs.PlainFormatter"},
        "json": {"()": "render_signal.logs.JsonFormatter"},
    },
    "filters": {"sentence": {"()": "render_signal.logs.WithoutTraceback"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own handlers would write each line once more; its debugging shows values of
        # queries and of pages.
        "django": {"handlers": [], "level": max("INFO", LOG_LEVEL, key=logging.getLevelName)},
        "django.server": {"handlers": [], "level": "NOTSET", "propagate": True},
        # imapclient and urllib3 speak of each connection at INFO or DEBUG: ours say it better.
        "imapclient": {"level": "WARNING"},
        "urllib3": {"level": "ERROR"},
        # Whoever scans the internet sends wrong Host headers all day.
        "django.security.DisallowedHost": {"filters": ["sentence"]},
    },
}
