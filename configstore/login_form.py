"""The admin's login by password, slowed down for those who guess."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from configstore.client_address import client_address
from configstore.throttle import Throttle, TooManyTries, Try, UserThrottle

logger = logging.getLogger(__name__)
TRIES = Throttle("password")
TRIES_OF_USER = UserThrottle("password-of-user")


class ThrottledLoginForm(AdminAuthenticationForm):
    def confirm_login_allowed(self, user: Any) -> None:
        """Only who knows the password learns why."""
        if user.is_active and not user.is_staff:
            raise ValidationError(
                _(
                    "User and password are right, but this user may not use these pages: somebody "
                    "who may change users has to give it staff status."
                ),
                code="no_staff",
            )
        super().confirm_login_allowed(user)

    def clean(self) -> dict[str, Any]:
        if self.request is None:
            return super().clean()
        address = client_address(self.request)
        try:
            attempts = _begin(address, self.cleaned_data.get("username", ""))
        except TooManyTries as exc:
            logger.warning("Login refused reason=throttled address=%s", address)
            raise ValidationError(str(exc), code="throttled") from None
        cleaned = super().clean()
        for attempt in attempts:
            attempt.forgive()
        return cleaned


def _begin(address: str, name: str) -> tuple[Try, Try]:
    """Raises TooManyTries."""
    of_address = TRIES.begin(address)
    try:
        return of_address, TRIES_OF_USER.begin(name)
    except TooManyTries:
        of_address.forgive()
        raise
