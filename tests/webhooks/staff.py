"""People who may do this or that with deliveries."""

from __future__ import annotations

from django.contrib.auth.models import Permission, User
from django.test import Client as Browser


def login(*permissions: str) -> Browser:
    user = User.objects.create_user("anna", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Browser()
    browser.force_login(user)
    return browser
