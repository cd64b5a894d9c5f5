from __future__ import annotations

import json
from pathlib import Path

import pytest

from configstore.backends.file import FileBackend
from configstore.keeping import Keeper, LastGood, Pending
from tests.configstore.examples import Shelf

NAME = "polling_config"
FIRST = Pending(document={"a": 1}, missed=("Redis", "PHP"), bases={"Redis": "v0"}, ours=("v1",))
SECOND = Pending(document=None, missed=("PHP",))


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    return Keeper.in_folder(tmp_path)


@pytest.mark.parametrize("document", [{"a": [1, None]}, {}, None])
def test_the_last_good_document_is_kept(
    keeper: Keeper, tmp_path: Path, document: dict[str, object] | None
) -> None:
    kept = LastGood(document=document, seen={"Redis": "v1", "file": ""})
    keeper.keep(NAME, kept)
    assert Keeper.in_folder(tmp_path).last_good(NAME) == kept


def test_nothing_kept_is_none(keeper: Keeper) -> None:
    assert keeper.last_good(NAME) is None
    assert keeper.pending(NAME) is None


@pytest.mark.parametrize("pending", [FIRST, SECOND])
def test_what_is_pending_is_kept(keeper: Keeper, tmp_path: Path, pending: Pending) -> None:
    assert keeper.set_pending(NAME, None, pending)
    assert Keeper.in_folder(tmp_path).pending(NAME) == pending


def test_what_is_pending_is_replaced_and_removed_by_who_knows_it(keeper: Keeper) -> None:
    keeper.set_pending(NAME, None, FIRST)
    assert keeper.set_pending(NAME, FIRST, SECOND)
    assert keeper.pending(NAME) == SECOND
    assert keeper.set_pending(NAME, SECOND, None)
    assert keeper.pending(NAME) is None


@pytest.mark.parametrize("old", [None, SECOND])
@pytest.mark.parametrize("new", [None, SECOND])
def test_what_somebody_else_saved_meanwhile_stays(
    keeper: Keeper, old: Pending | None, new: Pending | None
) -> None:
    keeper.set_pending(NAME, None, FIRST)
    done = keeper.set_pending(NAME, old, new)
    assert done == (old is None and new is None)  # nothing to do is done
    assert keeper.pending(NAME) == FIRST


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"document": 5, "missed": [], "bases": {}, "ours": []}),
        json.dumps({"document": {}, "missed": "PHP", "bases": {}, "ours": []}),
        json.dumps({"document": {}, "missed": [], "bases": [], "ours": []}),
        json.dumps({"document": {}, "missed": [], "bases": {}}),
    ],
)
def test_what_is_damaged_is_not_believed_and_can_be_replaced(
    keeper: Keeper, tmp_path: Path, damaged: str
) -> None:
    (tmp_path / "pending").mkdir()
    (tmp_path / "pending" / f"{NAME}.json").write_text(damaged)
    assert keeper.pending(NAME) is None
    assert keeper.set_pending(NAME, None, FIRST)
    assert keeper.pending(NAME) == FIRST


def test_a_disk_that_fails_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    disk = Shelf("last good")
    keeper = Keeper(disk, Shelf("pending"))
    disk.away = True
    for _ in range(3):
        keeper.keep(NAME, LastGood(document={}))
        assert keeper.last_good(NAME) is None
    assert len(caplog.messages) == 1


def test_what_the_disk_did_not_take_is_more_current_than_what_is_there() -> None:
    disk = Shelf("last good")
    keeper = Keeper(disk, Shelf("pending"))
    keeper.keep(NAME, LastGood(document={"a": 1}))
    assert keeper.is_current(NAME, {"a": 1})
    assert not keeper.is_current(NAME, {"a": 2})
    disk.full = True
    keeper.keep(NAME, LastGood(document={"a": 2}))
    assert keeper.is_current(NAME, {"a": 2})
    disk.full = False
    keeper.keep(NAME, LastGood(document={"a": 3}))
    assert not keeper.is_current(NAME, {"a": 2})


def test_the_folders_are_for_their_owner_alone(keeper: Keeper, tmp_path: Path) -> None:
    keeper.keep(NAME, LastGood(document={}))
    keeper.set_pending(NAME, None, FIRST)
    files = [tmp_path / folder / f"{NAME}.json" for folder in ("last_good", "pending")]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert all(isinstance(FileBackend(directory=f.parent).read(NAME), dict) for f in files)
