from __future__ import annotations

from pathlib import Path

import pytest

from demo.environment import (
    NO_RECEIVER,
    NO_REDIS,
    Services,
    demo_environment,
    describe_receiver,
    describe_redis,
    real_environment,
)
from demo.folder import Folder

SERVICES = Services(
    imap_host="127.0.0.1",
    imap_port=1143,
    user="relay@demo.example",
    password="a secret",
    webhook_url="http://127.0.0.1:9000/webhook",
)


def built(tmp_path: Path, **variables: str) -> dict[str, str]:
    return demo_environment(variables, SERVICES, Folder(tmp_path), "ab12")


def test_the_children_are_pointed_at_the_demo(tmp_path: Path) -> None:
    environment = built(tmp_path)

    assert environment["IMAP_SERVER"] == "127.0.0.1"
    assert environment["IMAP_PORT"] == "1143"
    assert environment["IMAP_USE_SSL"] == "false"
    assert environment["EMAIL_PASSWORD"] == "a secret"
    assert environment["WEBHOOK_URL"] == "http://127.0.0.1:9000/webhook"
    assert environment["EGRESS_ALLOWED_CIDRS"] == "127.0.0.0/8"
    assert "livraison@studio-nord.example" in environment["SENDER_OF_INTEREST_FOR_POLLING"]


def test_all_that_is_written_is_written_in_one_folder(tmp_path: Path) -> None:
    environment = built(tmp_path)

    for name in ("CONFIG_STORE_DIR", "BG_POLLER_LOCK_FILE"):
        assert Path(environment[name]).parent == tmp_path
    assert environment["DATABASE_URL"] == f"sqlite:///{tmp_path / 'db.sqlite3'}"


@pytest.mark.parametrize(
    "name",
    [
        "WEBHOOK_URL",
        "DATABASE_URL",
        "IMAP_SERVER",
        "EXTERNAL_CONFIG_BASE_URL",
        "CONFIG_API_TOKEN",
        "R2_FETCH_ENABLED",
        "ENV_FILE",
        "GUNICORN_CMD_ARGS",
    ],
)
def test_nothing_of_the_real_relay_gets_in(tmp_path: Path, name: str) -> None:
    assert "real" not in built(tmp_path, **{name: "real"}).values()


def test_no_env_file_is_read_again(tmp_path: Path) -> None:
    assert built(tmp_path)["ENV_FILE"] == ""


def test_what_the_machine_and_the_operator_say_is_kept(tmp_path: Path) -> None:
    kept = {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": "/guard",
        "SECRET_KEY": "key",
        "REDIS_URL": "redis://localhost",
        "POLLING_TIMEZONE": "America/Montreal",
    }

    assert kept.items() <= built(tmp_path, **kept).items()


def test_documents_of_a_shared_redis_are_not_touched(tmp_path: Path) -> None:
    prefix = built(tmp_path, CONFIG_STORE_REDIS_PREFIX="r:ss:config:")["CONFIG_STORE_REDIS_PREFIX"]

    assert prefix == "r:ss:demo:ab12:"


def test_a_real_poller_on_a_shared_redis_keeps_its_lock(tmp_path: Path) -> None:
    key = built(tmp_path, REDIS_LOCK_KEY="render_signal:poller_lock")["REDIS_LOCK_KEY"]

    assert key == "render_signal:demo:ab12:poller_lock"


def test_the_real_environment_stays_as_it_is() -> None:
    assert real_environment({"A": "1"}) == {"A": "1", "PYTHONUNBUFFERED": "1"}


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", NO_REDIS),
        ("redis://user:secret@redis.example:6380/0", "Redis: redis.example:6380"),
        ("rediss://:p@ss@redis.example", "Redis: redis.example"),
        ("redis://[::1]:6379/0", "Redis: [::1]:6379"),
        ("unix://:secret@/run/redis.sock?db=0", "Redis: /run/redis.sock"),
    ],
)
def test_redis_is_named_without_its_password(url: str, text: str) -> None:
    assert describe_redis(url, "") == text


def test_a_redis_that_cannot_be_used_is_told_with_the_reason() -> None:
    assert describe_redis("redis://user:secret@redis.example/0", "Connection refused.") == (
        "Redis at redis.example cannot be used: Connection refused. A file lock takes its place."
    )


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", NO_RECEIVER),
        ("https://hook.example.org/s3cret?s3cret", "https://hook.example.org, unless"),
        ("http://10.0.0.1:8000", "http://10.0.0.1:8000, unless"),
        ("s3cret@hook.eu2.make.com", "https://hook.eu2.make.com, unless"),
    ],
)
def test_the_receiver_is_named_without_what_may_be_secret(url: str, text: str) -> None:
    assert describe_receiver(url).startswith(text)
    assert "s3cret" not in describe_receiver(url)
