"""What the documentation says of variables, commands and log lines is what the code knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain

import pytest
from django.core.management import get_commands

from tests.doc_pages import DOCS, PAGES, read, rows, section
from tests.environment import PRODUCT_VARIABLES
from tests.sources import PACKAGES, SETTINGS, Source, environment_variables, sources

OPERATORS_GUIDE = DOCS / "operators-guide.md"
NAME = re.compile(r"`([A-Z][A-Z0-9_]+)`")
PLACEHOLDER = re.compile(r"%[\d.]*[sdrgf]")
WITH_DEFAULT = frozenset({"env.integer", "env.boolean", "env.choice"})
LOUD = frozenset(f"logger.{level}" for level in ("warning", "error", "exception", "critical"))
# What is left of a line without its values; shorter, and it says only what it is given.
SHORTEST_SENTENCE = 10


def unnamed(names: set[str], text: str) -> list[str]:
    return [name for name in sorted(names) if not re.search(rf"\b{name}\b", text)]


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """Of the table: each variable, with the default that its row names."""
    table = rows(read(DOCS / "configuration.md"), "variable")
    return {name: default for cell, _, default in table for name in NAME.findall(cell)}


def test_each_variable_is_described(variables: dict[str, str]) -> None:
    assert environment_variables() - variables.keys() == set()


def test_no_other_variable_is_promised(variables: dict[str, str]) -> None:
    assert variables.keys() - environment_variables() == set()


def test_each_variable_of_a_developer_is_kept_out_of_the_tests() -> None:
    assert environment_variables() - PRODUCT_VARIABLES == set()


def test_the_defaults_of_variables_are_those_of_the_code(variables: dict[str, str]) -> None:
    defaults = dict(_defaults())
    assert len(defaults) > 10
    wrong = {
        name: default
        for name, default in defaults.items()
        if not re.search(rf"\b{re.escape(default)}\b", variables[name])
    }
    assert wrong == {}


def _defaults() -> Iterator[tuple[str, str]]:
    for node in chain.from_iterable(
        ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in SETTINGS
    ):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WITH_DEFAULT:
            name, default = map(ast.literal_eval, node.args[:2])
            yield name, str(default).lower() if isinstance(default, bool) else str(default)


def test_each_command_is_described() -> None:
    ours = {name for name, app in get_commands().items() if app in PACKAGES}
    assert ours, "no command of ours is found"
    assert unnamed(ours, section(read(OPERATORS_GUIDE), "## Commands")) == []


def test_each_command_can_be_typed_in_a_clone() -> None:
    typed = re.findall(r"^ +(\S+) \S*manage\.py \w", "\n".join(map(read, PAGES)), re.MULTILINE)
    assert len(typed) > 5
    assert [word for word in typed if not word.endswith(".venv/bin/python")] == []


def test_each_warning_in_the_log_has_its_cure() -> None:
    told = read(OPERATORS_GUIDE)
    sentences = {
        text
        for source in sources("runtime", "configstore", "webhooks", "polling", "render_signal")
        for text in _warnings(source)
    }
    assert len(sentences) > 50
    assert [text for text in sorted(sentences) if text not in told] == []


@pytest.mark.parametrize(
    "line",
    ["Request refused", "Request failed", "Not Found: ", "Bad Request: ",
     "Method Not Allowed (", "Forbidden (", "Invalid HTTP_HOST header"],
)  # fmt: skip
def test_each_line_of_the_web_server_has_its_cure(line: str) -> None:
    assert f"| `{line}" in section(read(OPERATORS_GUIDE), "### Logging in and the web page")


def _warnings(source: Source) -> Iterator[str]:
    """As the page writes them: … for what differs."""
    constants = {
        ast.unparse(node.targets[0]): node.value
        for node in source.tree.body
        if isinstance(node, ast.Assign)
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in LOUD:
            said = constants.get(ast.unparse(node.args[0]), node.args[0])
            text = PLACEHOLDER.sub("…", said.value) if isinstance(said, ast.Constant) else ""  # type: ignore[arg-type]
            if len(PLACEHOLDER.sub("", text).replace("…", "").strip()) >= SHORTEST_SENTENCE:
                yield text.strip("…. ")
