"""The source files of the project, parsed, for tests about the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from render_signal.config_defaults import FIELDS
from tests.environment import ROOT

PACKAGES = ("runtime", "configstore", "webhooks", "polling", "demo", "render_signal")
SETTINGS = [ROOT / "render_signal" / name for name in ("settings.py", "stores.py")]
ENV_METHODS = frozenset(
    {
        "text",
        "key",
        "boolean",
        "integer",
        "optional_integer",
        "items",
        "networks",
        "choice",
        "http_base",
        "path",
    }
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def package(self) -> str:
        return self.path.relative_to(ROOT).parts[0]


def sources(*packages: str) -> Iterator[Source]:
    """Nothing is kept: the trees of all files slow the whole run down."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield Source(path)


def imported(node: ast.AST) -> list[str]:
    """The first word of each module that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [] if node.level else [(node.module or "").partition(".")[0]]
    return []


def environment_variables() -> set[str]:
    """Every variable that the settings read, by env.text("X", …), its like or os.environ, and
    those that fill fields of documents."""
    found = set(FIELDS)
    for node in chain.from_iterable(
        ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in SETTINGS
    ):
        if isinstance(node, ast.Call) and _reads_environment(node.func):
            found |= set(_names(node))
    return found


def _reads_environment(function: ast.expr) -> bool:
    text = ast.unparse(function)
    owner, _, method = text.rpartition(".")
    return text in ("os.environ.get", "os.getenv") or (owner == "env" and method in ENV_METHODS)


def _names(call: ast.Call) -> list[str]:
    """env.text and env.key take several names of one variable, all others one name and a
    default."""
    several = ast.unparse(call.func) in ("env.text", "env.key")
    arguments = call.args if several else call.args[:1]
    return [arg.value for arg in arguments if isinstance(arg, ast.Constant) and arg.value]  # type: ignore[misc]
