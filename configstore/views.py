"""The page that a magic link leads to."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin
from django.contrib.auth import login
from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import TemplateView

from configstore.client_address import client_address
from configstore.magic_links import Refusal, redeem
from configstore.store import ConfigurationUnknown
from configstore.throttle import Throttle, TooManyTries

logger = logging.getLogger(__name__)
TRIES = Throttle("magic-link")
BACKEND = "django.contrib.auth.backends.ModelBackend"

_UNKNOWN = _("This link is not known. Perhaps a part of it is missing, or it was revoked.")
SENTENCES = {
    Refusal.UNKNOWN: _UNKNOWN,
    Refusal.WRONG: _UNKNOWN,
    Refusal.FOREIGN: _UNKNOWN,
    Refusal.EXPIRED: _("This link has expired."),
    Refusal.USED: _("This link was used already; it works only once."),
    Refusal.OWNER: _("The user whom this link was made for may not log in any more."),
}
# The others know the secret: they are late, and guess nothing.
GUESSES = {Refusal.UNKNOWN, Refusal.WRONG, Refusal.FOREIGN}


@method_decorator([never_cache, sensitive_post_parameters("secret")], name="dispatch")
class MagicLinkView(RedirectURLMixin, TemplateView):
    """GET shows a button and asks no store: mail scanners follow links. POST logs in."""

    template_name = "configstore/magic_link.html"
    next_page = "admin:index"
    http_method_names = ["get", "head", "post"]

    def post(self, request: HttpRequest, link: str) -> HttpResponse:
        address = client_address(request)
        try:
            attempt = TRIES.begin(address)
        except TooManyTries as exc:
            logger.warning("Magic link refused link=%s reason=throttled address=%s", link, address)
            response = self._refuse(str(exc), 429)
            response["Retry-After"] = str(exc.seconds)
            return response
        try:
            owner = redeem(link, _secret(request), timezone.now())
        except ConfigurationUnknown:
            attempt.forgive()
            logger.exception("Magic link refused link=%s reason=stores address=%s", link, address)
            return self._refuse(gettext("Links cannot be checked at the moment."), 503)
        if owner not in GUESSES:
            attempt.forgive()
        if isinstance(owner, Refusal):
            reason = owner.value
            logger.warning("Magic link refused link=%s reason=%s address=%s", link, reason, address)
            return self._refuse(str(SENTENCES[owner]), 403)
        login(request, owner, backend=BACKEND)
        logger.info("Magic link used link=%s user=%s address=%s", link, owner.username, address)
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = {"title": _("Log in"), "is_nav_sidebar_enabled": False}
        return {
            **admin.site.each_context(self.request),
            **page,
            **super().get_context_data(**kwargs),
        }

    def _refuse(self, sentence: str, status: int) -> HttpResponse:
        context = self.get_context_data(refusal=sentence)
        return self.render_to_response(context, status=status)


def _secret(request: HttpRequest) -> str:
    """Where there is no JavaScript people may well paste the whole link."""
    return request.POST.get("secret", "").rpartition("#")[2].strip()
