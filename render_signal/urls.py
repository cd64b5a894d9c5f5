from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from configstore.fields import translatable
from configstore.login_form import ThrottledLoginForm
from configstore.password_change import password_change
from configstore.views import MagicLinkView
from render_signal.dashboard import views
from render_signal.health.views import health, live, ready
from render_signal.metrics.views import metrics

# The pages of the admin are needed here alone: a poller has none.
admin.autodiscover()
admin.site.index_title = _("Overview")
# Django's word for "run the chosen action": its own French says "send", as one of our actions does.
translatable("Go")
admin.site.login_form = ThrottledLoginForm

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Browsers ask for it by this name wherever no page has named another.
    path("favicon.ico", RedirectView.as_view(url=static("configstore/icon.svg"))),
    path("admin/dashboard/", admin.site.admin_view(views.fragment), name="dashboard"),
    path("admin/assistant/", include("render_signal.assistant.urls")),
    # Before the admin's own of that address.
    path("admin/password_change/", admin.site.admin_view(password_change)),
    path("admin/", admin.site.urls),
    path("login/link/<slug:link>/", MagicLinkView.as_view(), name="magic_link"),
    path("health", health, name="health"),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "render_signal.dead_ends.bad_request"
handler403 = "render_signal.dead_ends.permission_denied"
handler404 = "render_signal.dead_ends.page_not_found"
handler500 = "render_signal.dead_ends.server_error"
