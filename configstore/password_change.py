"""The page on which people change their own password: whoever sits down at somebody else's browser
does not guess the old one there."""

from __future__ import annotations

import logging

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from configstore.throttle import LIMIT, TooManyTries, UserThrottle

logger = logging.getLogger(__name__)


class _Tries(UserThrottle):
    limit = LIMIT


TRIES = _Tries("old-password")


class ThrottledPasswordChangeForm(AdminPasswordChangeForm):
    def clean_old_password(self) -> str:
        name = self.user.get_username()
        try:
            attempt = TRIES.begin(name)
        except TooManyTries as exc:
            logger.warning("Password change refused reason=throttled user=%s", name)
            raise ValidationError(str(exc), code="throttled") from None
        old: str = super().clean_old_password()
        attempt.forgive()
        return old


def password_change(request: HttpRequest) -> HttpResponseBase:
    page = PasswordChangeView.as_view(
        form_class=ThrottledPasswordChangeForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return page(request)
