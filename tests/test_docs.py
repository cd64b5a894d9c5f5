"""What the README says of variables and commands is what the code knows."""

from __future__ import annotations

import re

import pytest
from django.core.management import get_commands

from tests.environment import PRODUCT_VARIABLES, ROOT
from tests.sources import PACKAGES, environment_variables

README = ROOT / "README.md"
NAME = r"`([A-Z][A-Z0-9_]+)`"
# Read by the start script and the Makefile, before there are any settings.
READ_ELSEWHERE = {"PORT"}


def unnamed(names: set[str], text: str) -> list[str]:
    return [name for name in sorted(names) if not re.search(rf"\b{name}\b", text)]


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_each_variable_is_in_the_readme(readme: str) -> None:
    assert unnamed(environment_variables(), readme) == []


def test_each_variable_of_a_developer_is_kept_out_of_the_tests() -> None:
    assert environment_variables() - PRODUCT_VARIABLES == set()


def test_each_command_is_in_the_readme(readme: str) -> None:
    ours = {name for name, app in get_commands().items() if app in PACKAGES}
    assert ours, "no command of ours is found"
    assert unnamed(ours, readme) == []


def test_the_readme_promises_no_other_variable(readme: str) -> None:
    """The configuration table: rows whose first cell names variables in backticks."""
    cells = re.findall(r"^\|([^|\n]*`[A-Z][A-Z0-9_]+`[^|\n]*)\|", readme, re.MULTILINE)
    promised = {name for cell in cells for name in re.findall(NAME, cell)}
    assert promised, "the table of variables is not found"
    assert promised - environment_variables() - READ_ELSEWHERE == set()


def test_each_command_can_be_typed_in_a_clone(readme: str) -> None:
    typed = re.findall(r"(\S+) \S*manage\.py \w", readme)
    assert len(typed) > 5
    assert [word for word in typed if not word.endswith(".venv/bin/python")] == []
