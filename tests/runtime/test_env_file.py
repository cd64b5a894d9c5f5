from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from runtime.env_file import load_env_file

NAME = "A_VARIABLE_OF_THIS_TEST"


@pytest.fixture
def usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(NAME, "")  # so that it is gone after the test
    monkeypatch.delenv(NAME)
    return tmp_path / ".env"


def test_the_usual_file_need_not_be_there(usual: Path) -> None:
    load_env_file(None, usual)

    assert NAME not in os.environ


def test_the_usual_file_is_read(usual: Path) -> None:
    usual.write_text(f"{NAME}=usual\n")

    load_env_file(None, usual)

    assert os.environ[NAME] == "usual"


def test_an_empty_name_reads_none(usual: Path) -> None:
    usual.write_text(f"{NAME}=usual\n")

    load_env_file("", usual)

    assert NAME not in os.environ


def test_what_is_set_already_wins(usual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "set")
    usual.write_text(f"{NAME}=usual\n")

    load_env_file(None, usual)

    assert os.environ[NAME] == "set"


@pytest.mark.parametrize("named", ["/nonexistent", "/"])
def test_a_file_that_is_named_must_be_there(usual: Path, named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"ENV_FILE \\('{named}'\\) is not a file"):
        load_env_file(named, usual)


def test_a_file_that_is_no_text_is_told(usual: Path) -> None:
    usual.write_bytes(f"{NAME}=é".encode("latin-1"))

    with pytest.raises(ImproperlyConfigured, match="is not a text in UTF-8"):
        load_env_file(None, usual)
