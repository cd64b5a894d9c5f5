"""What people are told after they saved something."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from configstore.backends.fallback import Written
from configstore.wording import store_names, translated


def tell_saved(request: HttpRequest, what: str, written: Written) -> None:
    _tell_stores(request, what, written)
    if not written.in_history:
        messages.warning(
            request,
            _(
                "%(what)s: this change could not be written into the history, since the database "
                "failed. The log says why."
            )
            % {"what": what},
        )


def _tell_stores(request: HttpRequest, what: str, written: Written) -> None:
    stores, missed = store_names(written.taken), store_names(written.missed)
    names = {"what": what, "stores": stores, "missed": missed}
    if not written.missed:
        messages.success(
            request, _("%(what)s: saved in %(stores)s, in force within five seconds.") % names
        )
        return
    messages.warning(
        request,
        _(
            "%(what)s: saved in %(stores)s only. %(missed)s cannot be reached and gets it as soon "
            "as it is back."
        )
        % names,
    )


def tell_store_trouble(request: HttpRequest, error: Exception) -> None:
    messages.error(
        request,
        _("The settings cannot be read or saved now (%(reason)s). Nothing was changed.")
        % {"reason": translated(str(error))},
    )
