"""`python -m tests.audit` (`make audit`): known vulnerabilities in what is installed.

Exit code 1 if one is found. A registry that cannot be asked, or does not know, is said and is no
failure: it says nothing about the packages.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.environment import ROOT

SECONDS = 120
PIP = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--timeout=10"]
NPM = ["npm", "audit", "--json", "--package-lock-only"]


class NotAsked(Exception):
    """Nobody has said whether there is a vulnerability."""


def python_packages(report: Any) -> list[str]:
    """What pip-audit found. Raises NotAsked if no package was known to the registry."""
    packages = report["dependencies"]
    asked = [each for each in packages if "vulns" in each]
    if not asked:
        raise NotAsked("the registry knows no vulnerabilities of any package")
    return [
        f"{each['name']} {each['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no release yet'}"
        for each in asked
        for found in each["vulns"]
    ]


def node_packages(report: Any) -> list[str]:
    """What npm found. Raises NotAsked."""
    if "vulnerabilities" not in report:
        raise NotAsked(str(report.get("message") or report.get("error") or "no answer"))
    return [f"{name}: {each['severity']}" for name, each in report["vulnerabilities"].items()]


def _report(command: list[str], folder: Path) -> Any:
    """Raises NotAsked."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise NotAsked(str(exc)) from exc
    except ValueError as exc:
        raise NotAsked((done.stderr.strip().splitlines() or ["no answer"])[-1]) from exc


def main() -> int:
    found = []
    for what, command, folder, read in (
        ("Python", PIP, ROOT, python_packages),
        ("Node.js", NPM, ROOT / "cloudflare", node_packages),
    ):
        try:
            vulnerable = read(_report(command, folder))
        except NotAsked as exc:
            sys.stderr.write(f"{what}: not audited, {exc}\n")
            continue
        found += vulnerable
        sys.stdout.write("".join(f"{what}: {each}\n" for each in vulnerable or ["nothing known"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
