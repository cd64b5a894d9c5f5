"""The command as its operator runs it, with a real Redis."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from configstore.secrets import decrypt
from tests.configstore.operator import FORMER, Operator, in_redis, put_in_redis
from tests.servers.runpoller import prepare_folder


@pytest.fixture
def operator(tmp_path: Path, migrated_database: Path, redis_url: str) -> Operator:
    prepare_folder(tmp_path / "container", migrated_database)
    (tmp_path / "work").mkdir()
    return Operator(tmp_path / "work", tmp_path / "container", {"REDIS_URL": redis_url})


def test_the_files_are_moved_as_they_are(operator: Operator, redis_url: str) -> None:
    operator.has()
    done = operator.migrates("--verify", "--require-redis")
    assert done.code == 0, done.output
    for name, document in FORMER.items():
        stored = in_redis(redis_url, name)
        password = stored.pop("imap_password", None)
        assert stored == {key: value for key, value in document.items() if key != "imap_password"}
        assert (decrypt(password) if password else None) == document.get("imap_password")
        assert done.line(name).startswith("saved in Redis, file: ")
        assert done.line(name).endswith("verified in Redis, file")
    assert done.lines[-1] == "All went well: 4 of 4."
    assert operator.backups() == []
    assert operator.history() == [
        (name, "migrate_configs", "migrated", "Redis, file", "") for name in FORMER
    ]


def test_a_second_run_changes_nothing(operator: Operator, redis_url: str) -> None:
    operator.has()
    operator.migrates()
    before = {name: in_redis(redis_url, name) for name in FORMER}
    again = operator.migrates()
    assert again.code == 0
    assert [again.line(name) for name in FORMER] == ["unchanged"] * 4
    assert {name: in_redis(redis_url, name) for name in FORMER} == before
    assert len(operator.history()) == 4


def test_the_links_may_have_their_other_name(operator: Operator, redis_url: str) -> None:
    operator.writes("magic_links.json", json.dumps(FORMER["magic_link_tokens"]))
    done = operator.migrates()
    assert done.code == 0
    assert in_redis(redis_url, "magic_link_tokens") == FORMER["magic_link_tokens"]
    assert "not there" in done.line("webhook_config")


def test_the_links_may_lie_beside_the_folder(operator: Operator, redis_url: str) -> None:
    text = json.dumps(FORMER["magic_link_tokens"])
    (operator.folder / "magic_link_tokens.json").write_text(text)
    assert operator.migrates().code == 0
    assert in_redis(redis_url, "magic_link_tokens") == FORMER["magic_link_tokens"]


def test_a_terminal_without_the_characters_is_no_obstacle(
    operator: Operator, redis_url: str
) -> None:
    operator.has()
    operator.variables["PYTHONIOENCODING"] = "ascii"
    assert operator.migrates("--verify").code == 0
    assert in_redis(redis_url, "magic_link_tokens") == FORMER["magic_link_tokens"]


def test_another_folder_is_named(operator: Operator, redis_url: str) -> None:
    operator.has("webhook_config")
    operator.debug.rename(operator.folder / "old files")
    assert "is no folder" in operator.migrates().output
    assert operator.migrates("--from", "old files").code == 0
    assert in_redis(redis_url, "webhook_config") == FORMER["webhook_config"]


def test_a_dry_run_shows_what_would_change_and_writes_nothing(
    operator: Operator, redis_url: str
) -> None:
    operator.has("webhook_config", "processing_prefs")
    stored = FORMER["webhook_config"] | {"webhook_time_start": "08h00", "kept": 1}
    stored["webhook_url"] = "https://hook.example.com/T0K-old"
    put_in_redis(redis_url, "webhook_config", stored)
    before = operator.files()
    done = operator.migrates("--dry-run")
    assert done.code == 0
    assert done.line("webhook_config") == "would change"
    at = done.lines.index("webhook_config: would change")
    assert done.lines[at + 1 : at + 3] == [
        "    webhook_url: https://hook.example.com/… → https://hook.eu2.make.com/…",
        "    webhook_time_start: 08h00 → 09h30",
    ]
    assert done.line("processing_prefs") == "would be new"
    assert "    api_token: — → changed" in done.lines
    assert in_redis(redis_url, "webhook_config") == stored
    assert in_redis(redis_url, "processing_prefs") is None
    assert operator.files() == before
    assert operator.history() == []


def test_what_is_overwritten_is_kept(operator: Operator, redis_url: str) -> None:
    operator.has("webhook_config", "processing_prefs")
    put_in_redis(redis_url, "webhook_config", {"webhook_time_start": "08h00", "theirs": {"a": 1}})
    done = operator.migrates()
    assert done.code == 0
    (backup,) = operator.backups()
    assert re.fullmatch(r"webhook_config-\d{8}T\d{6}\.json", backup.name)
    assert json.loads(backup.read_bytes()) == {"webhook_time_start": "08h00", "theirs": {"a": 1}}
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert str(backup) in done.line("webhook_config")
    assert in_redis(redis_url, "webhook_config") == {"theirs": {"a": 1}} | FORMER["webhook_config"]


def test_a_broken_file_hinders_no_other(operator: Operator, redis_url: str) -> None:
    operator.has()
    operator.writes("webhook_config.json", '{\n  "webhook_url": "T0K-make",\n  "x": ,\n}')
    operator.writes("polling_config.json", '{"timezone": "Mars", "imap_password": "hunter2"}')
    done = operator.migrates("--verify")
    assert done.code == 1
    assert done.line("webhook_config") == (
        f"NOT moved: {operator.debug}/webhook_config.json is not JSON: "
        "Expecting value in line 3, column 8"
    )
    assert done.line("polling_config") == (
        f"NOT moved: {operator.debug}/polling_config.json: timezone: "
        "not a time zone; an example is Europe/Paris"
    )
    for name in ("webhook_config", "polling_config"):
        assert in_redis(redis_url, name) is None
    for name in ("processing_prefs", "magic_link_tokens"):
        assert in_redis(redis_url, name) == FORMER[name]
    assert "2 of 4 did not go well: polling_config, webhook_config" in done.lines[-1]


@pytest.mark.parametrize("files", [[], ["notes.json"]])
def test_no_file_at_all_is_a_failure(operator: Operator, files: list[str]) -> None:
    operator.debug.mkdir()
    for file in files:
        operator.writes(file, "{}")
    done = operator.migrates()
    assert done.code == 1
    assert f"No document was found in {operator.debug}" in done.output


def test_only_the_named_documents_are_moved(operator: Operator, redis_url: str) -> None:
    operator.has()
    done = operator.migrates("--only", "webhook_config", "--only", "magic_link_tokens")
    assert done.code == 0
    assert [in_redis(redis_url, name) is not None for name in FORMER] == [False, False, True, True]


def test_routing_rules_are_moved_as_they_are(operator: Operator, redis_url: str) -> None:
    rules = {"rules": [{"name": "Lots", "endpoint": "sales", "colour": 7}], "note": "x"}
    operator.writes("routing_rules.json", json.dumps(rules))
    done = operator.migrates("--only", "routing_rules", "--verify")
    assert done.code == 0, done.output
    assert in_redis(redis_url, "routing_rules") == rules


def test_an_unknown_name_is_refused_with_those_that_are_known(operator: Operator) -> None:
    operator.has()
    done = operator.migrates("--only", "webhook_config", "--only", "webhooks")
    assert done.code == 1
    for name in FORMER:
        assert name in done.output
    assert operator.files("config") == set()


def test_without_a_history_nothing_is_saved(operator: Operator) -> None:
    operator.has()
    (operator.container / "db.sqlite3").unlink()
    done = operator.migrates()
    assert done.code == 1
    assert "run manage.py migrate" in done.output
    assert operator.files("config") == set()


def test_the_api_must_be_configured(operator: Operator) -> None:
    done = operator.migrates("--from", "php")
    assert done.code == 1
    assert "EXTERNAL_CONFIG_BASE_URL and CONFIG_API_TOKEN" in done.output
