"""The services of a Blueprint."""

from __future__ import annotations

from typing import Any

SECONDS_TO_STOP = 20
Blueprint = dict[str, Any]


def service(blueprint: Blueprint, kind: str) -> Any:
    (found,) = [each for each in blueprint["services"] if each["type"] == kind]
    return found
