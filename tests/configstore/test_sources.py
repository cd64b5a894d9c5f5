from __future__ import annotations

from pathlib import Path

import pytest

from configstore.sources import Folder, Found, SourceFault

LINKS = "magic_link_tokens"


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text(f'{{"from": "{name}"}}')


def test_a_file_is_read_under_the_name_of_its_document(tmp_path: Path) -> None:
    write(tmp_path, "webhook_config.json")
    path = tmp_path / "webhook_config.json"
    assert Folder(tmp_path).read("webhook_config") == Found(
        str(path), {"from": "webhook_config.json"}
    )


def test_what_is_not_there_is_none_and_its_place_is_told(tmp_path: Path) -> None:
    path = tmp_path / "webhook_config.json"
    assert Folder(tmp_path).read("webhook_config") == Found(str(path), None)


def test_a_file_with_the_mark_that_windows_puts_first_is_read(tmp_path: Path) -> None:
    (tmp_path / "webhook_config.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert Folder(tmp_path).read("webhook_config").document == {"a": 1}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"a": 1,\n "b" 2}', "is not JSON: Expecting ':' delimiter in line 2, column 6"),
        (b"", "is not JSON: Expecting value in line 1, column 1"),
        (b"[]", "holds a list, not a JSON object"),
        (b'"\xff"', "is not UTF-8"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "webhook_config.json"
    path.write_bytes(content)
    with pytest.raises(SourceFault) as fault:
        Folder(tmp_path).read("webhook_config")
    assert str(fault.value) == f"{path} {problem}"


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "webhook_config.json").mkdir()
    with pytest.raises(SourceFault, match="webhook_config.json cannot be read: Is a directory"):
        Folder(tmp_path).read("webhook_config")


def test_further_mailboxes_are_looked_for_first(tmp_path: Path) -> None:
    write(tmp_path, "polling_config:b.json", "polling_config:a.json", "polling_config_old.json")
    assert Folder(tmp_path).names()[:3] == (
        "polling_config:a",
        "polling_config:b",
        "polling_config",
    )


def test_further_endpoints_are_looked_for_as_well(tmp_path: Path) -> None:
    write(tmp_path, "webhook_config:crm.json", "webhook_config_old.json")
    folder = Folder(tmp_path)
    assert folder.names()[0] == "webhook_config:crm"
    (remark,) = folder.remarks()
    assert "one of your endpoints: --only webhook_config:old" in remark


def test_an_old_copy_becomes_a_mailbox_only_when_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "polling_config_old.json")
    folder, asked = Folder(tmp_path), Folder(tmp_path, frozenset({"polling_config:old"}))
    assert folder.read("polling_config:old").document is None
    assert "polling_config:old" in asked.names()
    assert asked.read("polling_config:old").document == {"from": "polling_config_old.json"}
    assert [line.partition(" ")[0] for line in folder.remarks()] == ["polling_config_old.json"]
    assert list(asked.remarks()) == []


@pytest.mark.parametrize(
    ("names", "taken", "left"),
    [
        (["magic_links.json"], "magic_links.json", 0),
        (["magic_links.json", "magic_link_tokens.json"], "magic_link_tokens.json", 1),
        (["elsewhere.json"], "elsewhere.json", 0),
        (["elsewhere.json", "magic_links.json"], "magic_links.json", 1),
    ],
)
def test_one_of_the_files_of_links_is_taken_and_the_others_are_told(
    tmp_path: Path, names: list[str], taken: str, left: int
) -> None:
    write(tmp_path, *names)
    folder = Folder(tmp_path, links_elsewhere=tmp_path / "elsewhere.json")
    assert folder.read(LINKS).document == {"from": taken}
    assert len([line for line in folder.remarks() if "is not taken" in line]) == left
