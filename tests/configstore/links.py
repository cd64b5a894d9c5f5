"""What tests of logging in share."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import User

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def staff_user(name: str = "ada") -> User:
    return User.objects.create_user(name, password="correct horse", is_staff=True)
