from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from demo import command as entry


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of var/, and an environment without a key."""
    monkeypatch.setattr(entry, "VAR", tmp_path / "var")
    monkeypatch.delenv("SECRET_KEY")
    return tmp_path / "var"


def test_a_missing_secret_key_is_made_and_kept(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", " ")

    entry.prepare()

    assert os.environ["SECRET_KEY"] == (var / "secret_key").read_text().strip()


def test_a_secret_key_in_the_env_file_is_enough(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / "env"
    env_file.write_text("SECRET_KEY=from-the-file\n")
    monkeypatch.setenv("ENV_FILE", str(env_file))

    entry.prepare()

    assert os.environ["SECRET_KEY"] == "from-the-file"
    assert not var.exists()


def test_the_old_name_of_the_key_is_accepted(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_SECRET_KEY", "old")

    entry.prepare()

    assert not var.exists()


@pytest.mark.parametrize(
    ("option", "variable", "port"), [(None, "", 8000), (None, "9000", 9000), (0, "9000", 0)]
)
def test_the_option_wins_over_the_variable(option: int | None, variable: str, port: int) -> None:
    assert entry.wanted_port(option, variable) == port


@pytest.mark.parametrize("variable", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(variable: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        entry.wanted_port(None, variable)


def test_once_is_refused_with_a_real_mailbox(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IMAP_SERVER = "imap.example.org"

    assert entry.main(["--once"]) == 2
    assert "IMAP_SERVER" in capsys.readouterr().err
