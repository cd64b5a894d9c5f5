"""The rules that keep the code easy to read, read from the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.sources import PACKAGES, Function, Source, imported, sources

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

every_source = pytest.mark.parametrize("source", sources(*PACKAGES), ids=lambda s: s.name)
every_file = pytest.mark.parametrize("source", sources(*PACKAGES, "tests"), ids=lambda s: s.name)


@every_source
def test_imports_point_one_way(source: Source) -> None:
    wrong = [
        f"{source.name}:{node.lineno} imports {name}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if name in {*LAYERS, "tests"} and name not in ALLOWED[source.package]
    ]
    assert not wrong


@every_source
def test_functions_import_nothing_of_the_project(source: Source) -> None:
    wrong = [
        f"{source.name}:{inner.lineno}"
        for function in functions(source)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom) and is_ours(inner)
    ]
    assert not wrong


@every_source
def test_only_the_settings_read_the_environment(source: Source) -> None:
    if source.name.startswith(READS_ENVIRONMENT):
        return
    wrong = [
        f"{source.name}:{node.lineno}"
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"))
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and {alias.name for alias in node.names} & {"environ", "getenv"}
        )
    ]
    assert not wrong


@every_source
def test_files_and_functions_stay_short(source: Source) -> None:
    assert source.lines <= MAX_FILE_LINES
    long = [
        f"{source.name}:{function.lineno} {function.name} has {length} lines"
        for function in functions(source)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not long


@every_file
def test_what_is_caught_is_named_or_logged(source: Source) -> None:
    wrong = [
        f"{source.name}:{handler.lineno}"
        for handler in ast.walk(source.tree)
        if isinstance(handler, ast.ExceptHandler) and is_broad(handler) and not logs(handler)
    ]
    assert not wrong


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
