from __future__ import annotations

from pathlib import Path

from configstore.backends.fallback import FallbackChain
from configstore.backends.file import FileBackend
from configstore.documents import ProcessingPrefs
from configstore.keeping import Keeper
from configstore.rehearsal import rehearsal_of
from configstore.store import ConfigStore


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_rehearsal_sees_what_is_there_and_leaves_no_trace(tmp_path: Path) -> None:
    backend = FileBackend(directory=tmp_path)
    backend.write("processing_prefs", {"retry_count": 3})
    before = files(tmp_path)
    store = ConfigStore(FallbackChain([backend]), Keeper.in_folder(tmp_path), {})
    rehearsal = rehearsal_of(store, tmp_path, {"processing_prefs": {"retry_delay_sec": 9}})
    assert rehearsal.get(ProcessingPrefs) == ProcessingPrefs(retry_count=3, retry_delay_sec=9)
    rehearsal.save(ProcessingPrefs, "processing_prefs", {"retry_count": 4})
    assert files(tmp_path) == before
    store.get(ProcessingPrefs)
    assert files(tmp_path) != before  # what any other reading leaves


def test_a_rehearsal_knows_the_last_good_documents(tmp_path: Path) -> None:
    backend = FileBackend(directory=tmp_path)
    backend.write("processing_prefs", {"retry_count": 3})
    store = ConfigStore(FallbackChain([backend]), Keeper.in_folder(tmp_path), {})
    store.get(ProcessingPrefs)
    (tmp_path / "processing_prefs.json").write_text("{broken")
    current = rehearsal_of(store, tmp_path, {}).current(ProcessingPrefs)
    assert current.document.retry_count == 3
    assert "line 1" in current.fault
