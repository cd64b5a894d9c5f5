from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from configstore.backups import keep_backup

NOW = datetime(2026, 1, 19, 9, 30, 5, tzinfo=UTC)


def test_a_backup_is_named_after_document_and_moment(tmp_path: Path) -> None:
    path = keep_backup(tmp_path / "backups", "polling_config:sales", b"{}", NOW)
    assert path == tmp_path / "backups" / "polling_config:sales-20260119T093005.json"
    assert path.read_bytes() == b"{}"


def test_a_backup_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = keep_backup(tmp_path / "backups", "webhook_config", b"{}", NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_backup_never_replaces_another(tmp_path: Path) -> None:
    paths = [keep_backup(tmp_path, "webhook_config", b"%d" % n, NOW) for n in range(3)]
    assert [path.read_bytes() for path in paths] == [b"0", b"1", b"2"]
