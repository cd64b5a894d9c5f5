"""What an operator sees who made a slip, in a process as they start it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT, child_environment

SECRET = "s3cret-of-the-operator"  # noqa: S105
KEY = "0123456789abcdef" * 4
PHP = {"EXTERNAL_CONFIG_BASE_URL": "https://h/config", "CONFIG_API_TOKEN": "t"}
R2 = {
    "R2_FETCH_ENABLED": "true",
    "R2_FETCH_ENDPOINT": "https://r2-fetch.example.workers.dev",
    "R2_FETCH_TOKEN": SECRET,
    "R2_PUBLIC_BASE_URL": "https://files.example.org",
    "R2_BUCKET_NAME": "deliveries",
}
MAIL = {
    "ALERT_SMTP_URL": f"smtps://relay:{SECRET}@smtp.example.org:465",
    "ALERT_FROM": "relay@example.org",
}
BAD = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": f"$(echo {SECRET})"}, "SECRET_KEY is a command, which nothing runs here"),
    ({"FLASK_SECRET_KEY": f"`echo {SECRET}`"}, "FLASK_SECRET_KEY is a command"),
    ({"ENV_FILE": "/nonexistent"}, "ENV_FILE ('/nonexistent') is not a file"),
    ({"DEBUG": "perhaps"}, "DEBUG ('perhaps') is neither true nor false"),
    ({"DATABASE_URL": f"mysterious://u:{SECRET}@h/db"}, "DATABASE_URL is not a database URL"),
    ({"DATABASE_URL": SECRET}, "DATABASE_URL is not a database URL"),
    ({"DATABASE_URL": f"postgres://u:{SECRET}@h:port/db"}, "DATABASE_URL is not a database URL"),
    ({"REDIS_URL": f"http://:{SECRET}@localhost"}, "REDIS_URL is not a Redis URL"),
    ({"REDIS_URL": f"redis://:{SECRET}@localhost:port/0"}, "REDIS_URL is not a Redis URL"),
    ({"REDIS_URL": f"redis://:{SECRET}@[localhost/0"}, "REDIS_URL is not a Redis URL"),
    ({"REDIS_URL": f"redis://:{SECRET}@localhost/zero"}, "REDIS_URL is not a Redis URL"),
    ({"CONFIG_STORE_MODE": "both"}, "CONFIG_STORE_MODE ('both') is none of redis_first, php_first"),
    ({"CONFIG_STORE_MODE": "php_first"}, "CONFIG_STORE_MODE ('php_first') needs EXTERNAL_CONFIG_"),
    ({"CONFIG_API_TOKEN": SECRET}, "EXTERNAL_CONFIG_BASE_URL is not set although CONFIG_API_TOKEN"),
    ({"EXTERNAL_CONFIG_BASE_URL": "https://a.b"}, "CONFIG_API_TOKEN is not set although EXTERNAL"),
    *(
        (
            {"EXTERNAL_CONFIG_BASE_URL": url, "CONFIG_API_TOKEN": SECRET},
            "EXTERNAL_CONFIG_BASE_URL is not a plain http:// or https:// URL",
        )
        for url in (
            f"ftp://u:{SECRET}@h", f"www.example.org/{SECRET}", f"https:///{SECRET}",
            f"https://[{SECRET}", f"https://h:{SECRET}/", f"https://h/a?{SECRET}", f"https://h#{SECRET}",
        )
    ),
    (
        {"EXTERNAL_CONFIG_BASE_URL": f"https://u:{SECRET}@h", "CONFIG_API_TOKEN": "t"},
        "EXTERNAL_CONFIG_BASE_URL must not contain a user name or password",
    ),
    (
        {"EXTERNAL_CONFIG_BASE_URL": "https://h", "CONFIG_API_TOKEN": f"{SECRET}é"},
        "CONFIG_API_TOKEN contains a character that no HTTP header can",
    ),
    ({"CONFIG_STORE_DISABLE_REDIS": "x"}, "CONFIG_STORE_DISABLE_REDIS ('x') is neither"),
    ({"IMAP_SERVER": "imaps://h"}, "IMAP_SERVER ('imaps://h') is not a host name alone"),
    ({"IMAP_PORT": "imaps"}, "IMAP_PORT ('imaps') is not a whole number"),
    ({"IMAP_TIMEOUT_SECONDS": "0"}, "IMAP_TIMEOUT_SECONDS ('0') is outside 1 to 600"),
    ({"REDIS_LOCK_TTL_SECONDS": "2"}, "REDIS_LOCK_TTL_SECONDS ('2') is outside 3 to 86400"),
    ({"EGRESS_ALLOWED_CIDRS": "10/8"}, "EGRESS_ALLOWED_CIDRS ('10/8') contains '10/8', not a"),
    ({"IMAP_USE_SSL": "maybe"}, "IMAP_USE_SSL ('maybe') is neither true nor false"),
    ({"WEBHOOK_URL": f"https://[{SECRET}/x"}, "WEBHOOK_URL is not a whole address"),
    ({"WEBHOOK_URL": f"https://{SECRET}\u2100.example/"}, "WEBHOOK_URL is not a whole address"),
    ({"DASHBOARD_USER": "ada"}, "DASHBOARD_PASSWORD is not set although DASHBOARD_USER is"),
    ({"TRIGGER_PAGE_PASSWORD": SECRET}, "DASHBOARD_USER is not set although DASHBOARD_PASSWORD is"),
    ({"MAGIC_LINK_TTL_SECONDS": "0"}, "MAGIC_LINK_TTL_SECONDS ('0') is outside 1 to 2592000"),
    (MAIL | {"ALERT_FROM": ""}, "ALERT_FROM is not set although ALERT_SMTP_URL is"),
    (MAIL | {"ALERT_SMTP_URL": ""}, "ALERT_SMTP_URL is not set although ALERT_FROM is"),
    (MAIL | {"ALERT_FROM": "relay"}, "ALERT_FROM ('relay') is not a mail address"),
    *(
        (MAIL | {"ALERT_SMTP_URL": url}, "ALERT_SMTP_URL is not smtps:// or smtp://, a user name")
        for url in (SECRET, f"https://u:{SECRET}@h", f"smtp://u:{SECRET}@h:x", f"smtp://{SECRET}@h",
                    f"smtps://u:{SECRET}%C3%A9@h", f"smtps://u:{SECRET}@")
    ),
    ({"TRUSTED_PROXY_COUNT": "-1"}, "TRUSTED_PROXY_COUNT ('-1') is outside 0 to 10"),
    ({"POLLING_ACTIVE_DAYS": "0,7"}, "POLLING_ACTIVE_DAYS ('0,7') must list days from 0 (Monday)"),
    ({"R2_FETCH_ENABLED": "perhaps"}, "R2_FETCH_ENABLED ('perhaps') is neither true nor false"),
    *((R2 | {name: ""}, f"{name} is not set although R2_FETCH_ENABLED is true")
      for name in R2 if name != "R2_FETCH_ENABLED"),
    (R2 | {"R2_FETCH_ENDPOINT": SECRET}, "R2_FETCH_ENDPOINT is not a plain http:// or"),
    (R2 | {"R2_FETCH_ENDPOINT": f"https://u:{SECRET}@h"}, "R2_FETCH_ENDPOINT must not contain a"),
    (R2 | {"R2_FETCH_ENDPOINT": "http://h/"}, "R2_FETCH_ENDPOINT cannot be used: plain http to h"),
    (R2 | {"R2_FETCH_ENDPOINT": "https://10.0.0.1"}, "R2_FETCH_ENDPOINT cannot be used: 10.0.0.1"),
    (R2 | {"R2_FETCH_TOKEN": f"{SECRET}é"}, "R2_FETCH_TOKEN contains a character that no HTTP"),
    (R2 | {"R2_PUBLIC_BASE_URL": "http://h"}, "R2_PUBLIC_BASE_URL does not start with https://"),
    (R2 | {"R2_BUCKET_NAME": "a/b"}, "R2_BUCKET_NAME ('a/b') is not a name that a bucket can have"),
]  # fmt: skip


def check(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """In a place without the .env and the var/ of a developer."""
    clone = folder / "clone"
    if not clone.exists():
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "render_signal", clone / "render_signal", ignore=leave)
        shutil.copy(ROOT / "manage.py", clone)
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=clone,
        env=child_environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(("variables", "sentence"), BAD, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_told_in_one_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    done = check(tmp_path, **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Configuration error: {sentence}")
    assert (done.stderr.count("\n"), done.stderr.count(". Example: ")) == (1, 1)
    assert SECRET not in done.stdout + done.stderr


def test_a_mail_server_for_alerts_is_accepted(tmp_path: Path) -> None:
    done = check(tmp_path, **MAIL | {"ALERT_FROM": "The relay <relay@example.org>"})
    assert (done.returncode, done.stderr) == (0, "")


def test_the_old_name_of_the_secret_key_is_accepted(tmp_path: Path) -> None:
    done = check(tmp_path, SECRET_KEY="", FLASK_SECRET_KEY=KEY)
    assert (done.returncode, done.stderr) == (0, "")


def keep_key(folder: Path, content: bytes) -> None:
    var = folder / "clone" / "var"
    var.mkdir(exist_ok=True)
    (var / "secret_key").write_bytes(content)


def test_the_key_that_make_run_has_kept_is_enough(tmp_path: Path) -> None:
    assert check(tmp_path, SECRET_KEY="").returncode == 2
    keep_key(tmp_path, KEY.encode() + b"\n")
    done = check(tmp_path, SECRET_KEY="")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_kept_key_that_is_none_is_told(tmp_path: Path) -> None:
    assert check(tmp_path, SECRET_KEY="").returncode == 2
    keep_key(tmp_path, b"\xff")
    done = check(tmp_path, SECRET_KEY="")
    assert done.stderr.startswith("Configuration error: SECRET_KEY is not set, and ")
    assert "secret_key cannot be read" in done.stderr


def test_each_example_of_a_key_is_another_one(tmp_path: Path) -> None:
    first, second = (check(tmp_path, SECRET_KEY="").stderr.rpartition("=")[2] for _ in range(2))
    assert first != second
    assert len(first.strip()) > 60
    assert check(tmp_path, SECRET_KEY=first.strip()).returncode == 0


def test_debugging_needs_no_secret_key(tmp_path: Path) -> None:
    assert check(tmp_path, SECRET_KEY="", DEBUG="true").returncode == 0


def test_everything_of_the_contract_is_accepted_together(tmp_path: Path) -> None:
    done = check(
        tmp_path,
        REDIS_URL="redis://:password@localhost:6379/0",
        CONFIG_STORE_MODE="php_first",
        EXTERNAL_CONFIG_BASE_URL="https://www.example.com/config/",
        CONFIG_API_TOKEN=SECRET,
        CONFIG_STORE_DISABLE_REDIS="true",
        IMAP_SERVER="imap.example.com",
        EMAIL_ADDRESS="a@example.com",
        EMAIL_PASSWORD="p",
        IMAP_USE_SSL="false",
        IMAP_PORT="143",
        WEBHOOK_URL="token@hook.eu2.make.com",
        EGRESS_ALLOWED_CIDRS="10.0.0.0/8,::1",
        ALLOWED_HOSTS="relay.example.com, www.example.com",
        TRIGGER_PAGE_USER="ada",
        TRIGGER_PAGE_PASSWORD="correct horse battery",
        MAGIC_LINK_TTL_SECONDS="600",
        **R2,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variables", "order"),
    [
        ({}, "file"),
        ({"REDIS_URL": "redis://h"}, "Redis file"),
        ({"REDIS_URL": "redis://h", "CONFIG_STORE_DISABLE_REDIS": "true"}, "file"),
        (PHP, "PHP file"),
        ({"REDIS_URL": "redis://h"} | PHP, "Redis PHP file"),
        ({"REDIS_URL": "redis://h", "CONFIG_STORE_MODE": "php_first"} | PHP, "PHP Redis file"),
        ({"REDIS_URL": "redis://h", "CONFIG_STORE_DISABLE_REDIS": "true"} | PHP, "PHP file"),
        ({"CONFIG_STORE_MODE": "php_first"} | PHP, "PHP file"),
    ],
)
def test_the_stores_and_their_order(tmp_path: Path, variables: dict[str, str], order: str) -> None:
    program = "from configstore.declared import build_store; print(*build_store().chain.labels())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=child_environment(
            tmp_path, DJANGO_SETTINGS_MODULE="render_signal.settings", **variables
        ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == (f"{order}\n", "")
