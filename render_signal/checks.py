"""System checks over the whole service: what can be known of the settings without a network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KEY_LENGTH, KEY_VARIETY = 32, 5
TOKEN_LENGTH = 16
MADE_UP = ("django-insecure-", "only-for-debugging-")
MAKE_ONE = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
Apps = Sequence[AppConfig] | None


def register_checks() -> None:
    register(secrets_are_strong, Tags.security)
    register(render_is_used_rightly, Tags.compatibility)


def secrets_are_strong(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:
    found = (_weak_key, _weak_password, _weak_tokens, _unchecked_certificate, _loose_password)
    return [message for check in found for message in check()]


def render_is_used_rightly(app_configs: Apps, **_kwargs: Any) -> list[CheckMessage]:
    return [*_render()] if settings.ON_RENDER else []


def _weak_key() -> Iterator[Warning]:
    key = str(settings.SECRET_KEY)
    if settings.DEBUG and key.startswith(MADE_UP):
        return
    if len(key) < KEY_LENGTH or len({*key}) < KEY_VARIETY or key.startswith(MADE_UP):
        yield Warning(
            _("SECRET_KEY is too easy to guess: it signs sessions and webhooks."),
            hint=_("Set one that `%(command)s` prints, and put the old one into "
                   "CONFIG_ENCRYPTION_KEYS behind it.") % {"command": MAKE_ONE},
            id="render_signal.W001",
        )  # fmt: skip


def _weak_password() -> Iterator[Warning]:
    if not settings.DASHBOARD_PASSWORD:
        return
    try:
        validate_password(settings.DASHBOARD_PASSWORD)
    except ValidationError as exc:
        yield Warning(
            _("DASHBOARD_PASSWORD is too easy to guess: %(faults)s")
            % {"faults": " ".join(exc.messages)},
            hint=_("Set a longer one; a user who exists keeps the password of the admin."),
            id="render_signal.W002",
        )


def _weak_tokens() -> Iterator[Warning]:
    for name, token in _tokens():
        if token and len(token) < TOKEN_LENGTH:
            yield Warning(
                _("%(name)s is too easy to guess.") % {"name": name},
                hint=_("Set one of %(count)d characters or more on both sides.")
                % {"count": TOKEN_LENGTH},
                id="render_signal.W003",
            )


def _tokens() -> Iterator[tuple[str, str]]:
    yield "R2_FETCH_TOKEN", settings.R2_FETCH_TOKEN
    yield "METRICS_TOKEN", str(getattr(settings, "METRICS_TOKEN", None) or "")
    for store in settings.CONFIG_STORES:
        yield "CONFIG_API_TOKEN", store.get("OPTIONS", {}).get("token", "")


def _unchecked_certificate() -> Iterator[Warning]:
    default = settings.CONFIG_DEFAULTS.get("webhook_config", {})
    if str(default.get("webhook_ssl_verify", "true")).lower() in ("false", "0", "no", "off"):
        yield Warning(
            _("WEBHOOK_SSL_VERIFY is false: anybody on the way may read and change webhooks."),
            hint=_("Have a good certificate at the receiver, and take the variable away."),
            id="render_signal.W004",
        )


def _loose_password() -> Iterator[Warning]:
    if settings.EMAIL_PASSWORD and not settings.IMAP_SERVER:
        yield Warning(
            _("EMAIL_PASSWORD is sent to whichever server the default mailbox names: who may "
              "change that mailbox can send it to a server of theirs."),
            hint=_("Set IMAP_SERVER too."),
            id="render_signal.W010",
        )  # fmt: skip


def _render() -> Iterator[Warning]:
    if settings.DEBUG:
        yield Warning(
            _("DEBUG is on at Render: pages of errors show what is inside."),
            hint=_("Take the variable DEBUG away."),
            id="render_signal.W005",
        )
    if not settings.REDIS_URL:
        yield Warning(
            _("REDIS_URL is not set at Render: during a deploy two pollers may work at once."),
            hint=_("Add a Key Value instance, and set REDIS_URL to its internal URL."),
            id="render_signal.W006",
        )
    if _visitors_share_an_address():
        yield Warning(
            _("TRUSTED_PROXY_COUNT is 0 at Render: all visitors share the address of its proxy, "
              "and ten wrong passwords lock everybody out for a while."),
            hint=_("Set TRUSTED_PROXY_COUNT=1 for the web service."),
            id="render_signal.W007",
        )  # fmt: skip
    yield from _sqlite()


def _visitors_share_an_address() -> bool:
    """A worker has no visitors."""
    known = settings.TRUSTED_PROXY_COUNT or getattr(settings, "CLIENT_ADDRESS_HEADER", None)
    return settings.RENDER_SERVICE_TYPE != "worker" and not known


def _sqlite() -> Iterator[Warning]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return
    if settings.RENDER_SERVICE_TYPE == "worker":
        yield Warning(
            _("This worker has a SQLite of its own: the web service and further instances do not "
              "see its journal."),
            hint=_("Set DATABASE_URL to a PostgreSQL in both services."),
            id="render_signal.W008",
        )  # fmt: skip
    elif _goes_with_the_deploy(Path(database["NAME"])):
        yield Warning(
            _("The SQLite file is on a disk that goes with each deploy."),
            hint=_("Set DATABASE_URL to a PostgreSQL, or to a file on a disk of Render's: "
                   "sqlite:////var/data/db.sqlite3"),
            id="render_signal.W009",
        )  # fmt: skip


def _goes_with_the_deploy(file: Path) -> bool:
    folders = (settings.BASE_DIR, Path(tempfile.gettempdir()))
    return any(file.absolute().is_relative_to(folder) for folder in folders)
