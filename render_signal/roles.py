"""The group of those who may see everything but secrets, and change nothing."""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps

OPERATORS = "Operators"


def grant_operators(*, app_config: Any, apps: Apps, using: str, **_: Any) -> None:
    """After migrate, for each app of ours: the group may view what the app has. What else a person
    has given it stays."""
    try:
        groups = apps.get_model("auth", "Group")
        permissions = apps.get_model("auth", "Permission")
    except LookupError:  # a migration of some apps only, with no groups yet
        return
    group, _created = groups._default_manager.using(using).get_or_create(name=OPERATORS)
    group.permissions.add(
        *permissions._default_manager.using(using).filter(
            content_type__app_label=app_config.label, codename__startswith="view_"
        )
    )
