"""The command as its operator runs it, to one store or another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.configstore.operator import FORMER, Operator, in_redis, put_in_redis
from tests.servers.redis import RedisServer
from tests.servers.runpoller import prepare_folder


@pytest.fixture
def operator(tmp_path: Path, migrated_database: Path, redis_url: str) -> Operator:
    prepare_folder(tmp_path / "container", migrated_database)
    (tmp_path / "work").mkdir()
    return Operator(tmp_path / "work", tmp_path / "container", {"REDIS_URL": redis_url})


def test_a_difference_is_found_and_named(operator: Operator, redis_url: str) -> None:
    operator.has()
    operator.migrates()
    stored = in_redis(redis_url, "webhook_config")
    put_in_redis(redis_url, "webhook_config", stored | {"webhook_time_end": "20:00"})
    put_in_redis(redis_url, "polling_config", FORMER["polling_config"] | {"imap_password": "new"})
    done = operator.migrates("--dry-run", "--verify")
    assert done.code == 1
    assert "    Redis holds webhook_time_end: 20:00 instead of 19:00" in done.lines
    assert "    Redis holds another imap_password" in done.lines
    assert done.line("processing_prefs") == "unchanged — verified in Redis"
    assert in_redis(redis_url, "webhook_config")["webhook_time_end"] == "20:00"


def test_without_redis_nothing_is_written_where_it_is_required(
    operator: Operator, redis_server: RedisServer
) -> None:
    operator.has()
    redis_server.stop()
    done = operator.migrates("--require-redis")
    assert done.code == 1
    assert "Redis cannot be reached" in done.lines[-1]
    assert done.lines[-1].endswith("Nothing was written.")
    assert operator.files("config") == set()
    assert operator.history() == []


@pytest.mark.parametrize(
    "variables", [{"REDIS_URL": ""}, {"CONFIG_STORE_DISABLE_REDIS": "true"}], ids=str
)
def test_a_redis_that_is_required_must_be_a_store(
    operator: Operator, variables: dict[str, str]
) -> None:
    operator.has()
    operator.variables |= variables
    done = operator.migrates("--require-redis")
    assert done.code == 1
    assert "Redis is not among the stores: set REDIS_URL" in done.output
    assert operator.files("config") == set()


def test_files_do_where_no_redis_is_declared(operator: Operator) -> None:
    operator.has()
    operator.variables.clear()
    done = operator.migrates("--verify")
    assert done.code == 0, done.output
    stored = json.loads((operator.config / "webhook_config.json").read_bytes())
    assert stored == FORMER["webhook_config"]
    assert done.line("webhook_config").endswith("verified in file")


def test_a_save_that_redis_misses_is_no_success(
    operator: Operator, redis_url: str, redis_server: RedisServer
) -> None:
    operator.has("webhook_config")
    put_in_redis(redis_url, "webhook_config", {"theirs": 1})
    operator.migrates("--only", "webhook_config")
    operator.writes("webhook_config.json", '{"webhook_time_start": "10h00"}')
    redis_server.stop()
    promised = operator.migrates("--dry-run")
    assert promised.code == 1
    assert promised.line("webhook_config") == "would change, but Redis cannot be reached"
    done = operator.migrates()
    assert done.code == 1
    assert "saved in file, NOT in Redis" in done.line("webhook_config")
    stored = json.loads((operator.config / "webhook_config.json").read_bytes())
    assert stored["webhook_time_start"] == "10h00"


def test_what_is_in_the_file_store_alone_goes_to_redis(operator: Operator, redis_url: str) -> None:
    operator.has("webhook_config")
    shutil.copytree(operator.debug, operator.config)
    done = operator.migrates("--from", str(operator.config))
    assert done.code == 0
    assert done.line("webhook_config") == "saved in Redis, file"
    assert in_redis(redis_url, "webhook_config") == FORMER["webhook_config"]
