"""System checks: what is known of the settings without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import checks

from render_signal.checks import render_is_used_rightly, secrets_are_strong
from tests.environment import ROOT, child_environment

PASSWORD = "correct horse battery"


def ids(settings: LazySettings, **changed: object) -> list[str | None]:
    for name, value in changed.items():
        setattr(settings, name, value)
    found = [*secrets_are_strong(None), *render_is_used_rightly(None)]
    assert all(message.hint for message in found)
    return [message.id for message in found]


@pytest.fixture
def at_render(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> LazySettings:
    """As render.yaml has it."""
    settings.ON_RENDER = True
    settings.REDIS_URL = "redis://red-1:6379"
    settings.TRUSTED_PROXY_COUNT = 1
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": "relay"}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    return settings


@pytest.fixture
def at_render_with_sqlite(at_render: LazySettings) -> LazySettings:
    at_render.DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"
    return at_render


@pytest.mark.parametrize(
    "key",
    ["short", "ab" * 30, "django-insecure-" + "abcdefgh" * 5, "only-for-debugging-" + "0" * 40],
)
def test_a_weak_key_is_told(settings: LazySettings, key: str) -> None:
    assert ids(settings, SECRET_KEY=key) == ["render_signal.W001"]


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"DASHBOARD_PASSWORD": "password"}, 2),
        ({"R2_FETCH_TOKEN": "short"}, 3),
        ({"METRICS_TOKEN": "short"}, 3),
        ({"CONFIG_STORES": [{"BACKEND": "php", "OPTIONS": {"token": "short"}}]}, 3),
        ({"CONFIG_DEFAULTS": {"webhook_config": {"webhook_ssl_verify": "no"}}}, 4),
        ({"EMAIL_PASSWORD": "correct horse", "IMAP_SERVER": ""}, 10),
    ],
)
def test_what_is_easy_to_guess_or_not_checked_is_told(
    settings: LazySettings, changed: dict[str, object], number: int
) -> None:
    assert ids(settings, **changed) == [f"render_signal.W{number:03}"]


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"DEBUG": True}, 5),
        ({"REDIS_URL": ""}, 6),
        ({"TRUSTED_PROXY_COUNT": 0, "CLIENT_ADDRESS_HEADER": ""}, 7),
    ],
)
def test_what_is_wrong_at_render_is_told(
    at_render: LazySettings, changed: dict[str, object], number: int
) -> None:
    assert ids(at_render, **changed) == [f"render_signal.W{number:03}"]


def test_elsewhere_nothing_of_it_is_told(settings: LazySettings) -> None:
    assert ids(settings, REDIS_URL="", DEBUG=True) == []


@pytest.mark.parametrize(
    ("service", "file", "found"),
    [
        ("web", "/var/data/db.sqlite3", []),
        ("worker", "/var/data/db.sqlite3", ["render_signal.W008"]),
        ("web", str(ROOT / "var" / "db.sqlite3"), ["render_signal.W009"]),
    ],
)
def test_a_sqlite_wants_a_disk_and_one_container(
    at_render_with_sqlite: LazySettings, service: str, file: str, found: list[str]
) -> None:
    at_render_with_sqlite.DATABASES["default"]["NAME"] = file
    assert ids(at_render_with_sqlite, RENDER_SERVICE_TYPE=service) == found


def test_they_are_among_those_that_each_command_makes(settings: LazySettings) -> None:
    settings.SECRET_KEY = "short"
    found = {message.id for message in checks.run_checks(tags=[checks.Tags.security])}
    assert "render_signal.W001" in found


@pytest.mark.parametrize("service", ["web", "worker"])
def test_a_deployment_at_render_is_clean(tmp_path: Path, service: str) -> None:
    """With what render.yaml and the platform set."""
    variables = {
        "RENDER": "true",
        "RENDER_SERVICE_TYPE": service,
        "RENDER_EXTERNAL_HOSTNAME": "relay.onrender.com",
        "SECRET_KEY": "q1mKzQ9xq0Yw1lF7e5rP0v3uTtC8sJ6aBnHdGkLiOoE=",  # as it generates them
        "DATABASE_URL": "postgres://relay:secret@dpg-1/relay",
        "REDIS_URL": "redis://red-1:6379",
    }
    if service == "web":
        variables |= {
            "TRUSTED_PROXY_COUNT": "1",
            "DASHBOARD_USER": "ada",
            "DASHBOARD_PASSWORD": PASSWORD,
        }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = child_environment(tmp_path, **variables)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("System check identified no issues"), done.stderr
