"""The first user, named by the environment: where there is no shell there is no createsuperuser.

A disk that goes with each deploy takes the users with it. The user made again has the same
password hash as before, so that the sessions, which contain a hash of that, go on.
"""

from __future__ import annotations

import logging
from typing import Any

from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)
SALT_LENGTH = 32  # Django makes a new hash at the next login where the salt is below 22


def password_hash(user: str, password: str) -> str:
    digest = salted_hmac("configstore.first_user", user, algorithm="sha256").hexdigest()
    return make_password(password, salt=digest[:SALT_LENGTH])


def create_first_user(*, apps: Apps, using: str, **_: Any) -> None:
    """After migrate. A user of that name that exists is left as it is, password and all."""
    if not settings.DASHBOARD_USER:
        return
    try:
        users = apps.get_model(settings.AUTH_USER_MODEL)
    except LookupError:  # a migration of some apps only, with no users yet
        return
    _, created = users._default_manager.using(using).get_or_create(
        username=settings.DASHBOARD_USER,
        defaults={
            "password": password_hash(settings.DASHBOARD_USER, settings.DASHBOARD_PASSWORD),
            "is_staff": True,
            "is_superuser": True,
        },
    )
    if created:
        logger.info("User %s of the environment created.", settings.DASHBOARD_USER)
