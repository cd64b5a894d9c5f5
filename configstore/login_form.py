"""The admin's login by password, slowed down for those who guess."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from configstore.throttle import Throttle, TooManyTries, client_address

logger = logging.getLogger(__name__)
TRIES = Throttle("password")


class ThrottledLoginForm(AdminAuthenticationForm):
    def clean(self) -> dict[str, Any]:
        if self.request is None:
            return super().clean()
        address = client_address(self.request)
        try:
            attempt = TRIES.begin(address)
        except TooManyTries as exc:
            logger.warning("Login refused reason=throttled address=%s", address)
            raise ValidationError(str(exc), code="throttled") from None
        cleaned = super().clean()
        attempt.forgive()
        return cleaned
