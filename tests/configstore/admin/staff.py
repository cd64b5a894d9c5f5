"""People who may do this or that in the admin."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User
from django.test import Client


def staff_with(*permissions: str) -> Client:
    user = User.objects.create_user("bob", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client
