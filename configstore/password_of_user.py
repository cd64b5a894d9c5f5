"""The form with which one user sets the password of another."""

from __future__ import annotations

from django.contrib.auth.forms import AdminPasswordChangeForm
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class PasswordOfUserForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # none at run time
    """Django's own text is fixed in English when the program starts, and promises logins that
    there are not here."""

    usable_password_help_text = format_lazy(  # type: ignore[assignment]  # lazy, on purpose
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        _("While it is disabled, this user logs in with magic links alone."),
        _("If disabled, the current password for this user will be lost."),
    )
