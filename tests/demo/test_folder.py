from __future__ import annotations

from pathlib import Path

from demo.folder import Folder, secret_key


def test_one_run_at_a_time(tmp_path: Path) -> None:
    first, second = Folder(tmp_path / "demo"), Folder(tmp_path / "demo")

    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_clear_leaves_what_is_not_ours(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.config.mkdir()
    (folder.config / "polling_config.json").touch()
    stays = tmp_path / "holiday.jpg"
    for path in (folder.database, tmp_path / "db.sqlite3-wal", folder.log("web"), stays):
        path.touch()

    folder.clear()

    assert list(tmp_path.iterdir()) == [stays]


def test_clear_logs_leaves_the_rest(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.database.touch()
    folder.log("web").touch()

    folder.clear_logs()

    assert list(tmp_path.iterdir()) == [folder.database]


def test_the_secret_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"

    key = secret_key(path)

    assert len(key) >= 50
    assert secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_is_empty_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.touch()

    assert secret_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
