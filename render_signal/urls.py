from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from configstore.fields import translatable
from configstore.login_form import ThrottledLoginForm
from configstore.password_change import password_change
from configstore.views import MagicLinkView
from render_signal import health

admin.site.index_title = _("Overview")
# Django's word for "run the chosen action": its own French says "send", as one of our actions does.
translatable("Go")
admin.site.login_form = ThrottledLoginForm

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Browsers ask for it by this name wherever no page has named another.
    path("favicon.ico", RedirectView.as_view(url=static("configstore/icon.svg"))),
    # Before the admin's own of that address.
    path("admin/password_change/", admin.site.admin_view(password_change)),
    path("admin/", admin.site.urls),
    path("login/link/<slug:link>/", MagicLinkView.as_view(), name="magic_link"),
    path("health", health.view, name="health"),
    path("health/live", health.live, name="live"),
]
