"""The rules that keep the code easy to read, read from the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import ROOT
from tests.sources import PACKAGES, Function, Source, imported, sources

Fault = tuple[int, str]

# Each may import itself and what stands to its right. The demo drives the product from
# outside, by its commands, so it knows only the lowest layer; and nobody knows the demo.
LAYERS = ("render_signal", "demo", "polling", "webhooks", "configstore", "runtime")
ALLOWED = {layer: set(LAYERS[i:]) - {"demo"} for i, layer in enumerate(LAYERS)} | {
    "demo": {"demo", "runtime"}
}
READS_ENVIRONMENT = (
    *("render_signal/settings.py", "render_signal/startup.py", "render_signal/wsgi.py"),
    *("manage.py", "demo/"),
)
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 50
TEST_MODULE = re.compile(r"^tests\..*\btest_\w+$")

FILES = [source.path for source in sources(*PACKAGES, "tests")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_the_rules(path: Path) -> None:
    source = Source(path)
    rules = RULES if source.package in PACKAGES else RULES_OF_TESTS
    assert [f"{path}:{line} {fault}" for rule in rules for line, fault in rule(source)] == []


def imports_against_the_layers(source: Source) -> Iterator[Fault]:
    for node in ast.walk(source.tree):
        for name in imported(node):
            if name in {*LAYERS, "tests"} and name not in ALLOWED[source.package]:
                yield line(node), f"imports {name}"


def imports_in_a_function(source: Source) -> Iterator[Fault]:
    for function in functions(source):
        for inner in ast.walk(function):
            if isinstance(inner, ast.Import | ast.ImportFrom) and is_ours(inner):
                yield line(inner), "imports a part of the project in a function"


def reads_the_environment(source: Source) -> Iterator[Fault]:
    """Only the settings may."""
    if source.name.startswith(READS_ENVIRONMENT):
        return
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
        ) or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {alias.name for alias in node.names} & {"environ", "getenv"}
        ):
            yield line(node), "reads the environment"


def is_long(source: Source) -> Iterator[Fault]:
    if (lines := source.text.count("\n")) > MAX_FILE_LINES:
        yield lines, "is the last line of a file that is too long"
    for function in functions(source):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield line(function), f"{function.name} has {length} lines"


def catches_what_it_does_not_name(source: Source) -> Iterator[Fault]:
    """And does not log."""
    for handler in ast.walk(source.tree):
        if isinstance(handler, ast.ExceptHandler) and is_broad(handler) and not logs(handler):
            yield line(handler), "catches everything and does not log it"


def imports_a_test(source: Source) -> Iterator[Fault]:
    """What tests share has a module of its own, whose name says what it is."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and TEST_MODULE.search(node.module or ""):
            yield line(node), f"imports from {node.module}"


RULES = (
    imports_against_the_layers,
    imports_in_a_function,
    reads_the_environment,
    is_long,
    catches_what_it_does_not_name,
)
RULES_OF_TESTS = (is_long, catches_what_it_does_not_name, imports_a_test)


def line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def is_ours(node: ast.Import | ast.ImportFrom) -> bool:
    relative = isinstance(node, ast.ImportFrom) and node.level > 0
    return relative or bool(set(imported(node)) & set(LAYERS))


def functions(source: Source) -> Iterator[Function]:
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            yield node


def is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(kind) in ("Exception", "BaseException") for kind in kinds)


def logs(handler: ast.ExceptHandler) -> bool:
    """A bare except is never right; a broad one must say what it saw, with the traceback."""
    return handler.type is not None and any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "logger.exception"
        for node in ast.walk(handler)
    )
