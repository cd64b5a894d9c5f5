"""Whether the test of each failure mode fails when its cure is taken out.

`python -m tests.failure_modes.cures [ROW…]` takes out one after the other, each in a copy of
the repository, and runs the tests of its rows there. Its exit code is 1 if one was not missed.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.environment import ROOT, child_environment
from tests.failure_modes.cure_list import CURES, Cure

FOLDER = Path(__file__).parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".*_cache", "var")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::\w+)(?:\[.*\])?(?: - (.*))?$", re.MULTILINE)
# More than any row takes; without its cure it may take for ever.
SECONDS = 240


def tests_by_row() -> dict[int, set[str]]:
    """The ids of the tests that are marked with each row."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                for number in _rows(node):
                    found[number].add(f"{path.relative_to(ROOT)}::{node.name}")
    return found


def _rows(test: ast.FunctionDef) -> Iterable[int]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "row":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def without(cure: Cure, copy: Path) -> None:
    for edit in cure.edits:
        path = copy / edit.path
        text = path.read_text(encoding="utf-8")
        if text.count(edit.text) != 1:
            raise LookupError(f"{edit.path} has not once: {edit.text!r}")
        path.write_text(text.replace(edit.text, edit.without), encoding="utf-8")


def missed_by(cure: Cure, tests: Sequence[str]) -> dict[str, str]:
    """Those of the tests that fail without the cure, and why; all of them if they do not end.
    Of one row the first is enough."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        without(cure, copy)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
        if len(cure.rows) == 1:
            command.append("--maxfail=1")
        try:
            done = subprocess.run(
                [*command, *tests],
                cwd=copy,
                env=child_environment(Path(folder), PYTHONPATH="", COLUMNS="300"),
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return dict.fromkeys(tests, "does not end")
    failed = dict(FAILED.findall(done.stdout))
    if bool(failed) != bool(done.returncode):
        raise RuntimeError(done.stdout + done.stderr)
    return failed


def main(asked: Sequence[str]) -> int:
    rows, survived = tests_by_row(), False
    if unknown := set(asked) - {str(row) for cure in CURES for row in cure.rows}:
        sys.stderr.write(f"No cure is known for row {', '.join(sorted(unknown))}.\n")
        return 2
    for cure in CURES:
        wanted = [row for row in cure.rows if not asked or str(row) in asked]
        if not wanted:
            continue
        failed = missed_by(cure, sorted(set().union(*(rows[row] for row in wanted))))
        for row in wanted:
            missed = sorted(rows[row] & failed.keys())
            survived = survived or not missed
            verdict = f"missed: {failed[missed[0]][:80]}" if missed else "NOT MISSED"
            sys.stdout.write(f"{row:>3}  {cure.edits[0].path:<24}  {verdict}\n")
            sys.stdout.flush()
    return int(survived)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
