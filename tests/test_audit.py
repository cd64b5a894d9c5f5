from __future__ import annotations

from typing import Any

import pytest

from tests.audit import NotAsked, node_packages, python_packages


def test_a_vulnerability_is_named_with_its_cure() -> None:
    safe = {"name": "a", "version": "1", "vulns": []}
    found = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    report = {"dependencies": [safe, found, {"name": "c", "skip_reason": "not found"}]}
    assert python_packages(report) == ["b 2: PYSEC-1, mended in 3"]
    assert node_packages({"vulnerabilities": {"ws": {"severity": "high"}}}) == ["ws: high"]


def test_nothing_known_is_no_vulnerability() -> None:
    assert python_packages({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}) == []
    assert node_packages({"vulnerabilities": {}}) == []


@pytest.mark.parametrize(
    ("read", "report"),
    [
        (python_packages, {"dependencies": [{"name": "a", "skip_reason": "not found on PyPI"}]}),
        (node_packages, {"message": "405 Method Not Allowed"}),
        (node_packages, {"error": {"summary": "no network"}}),
    ],
)
def test_a_registry_that_says_nothing_is_no_all_clear(read: Any, report: Any) -> None:
    with pytest.raises(NotAsked):
        read(report)
