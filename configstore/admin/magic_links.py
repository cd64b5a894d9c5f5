"""Links to log in with: listed, made, revoked."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore import magic_link_list, magic_links
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, StoreUnavailable
from configstore.models import MagicLink
from configstore.store import ConfigurationUnknown

TROUBLE = (StoreUnavailable, ConfigurationUnknown, DocumentChanged)


class NewLinkForm(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_staff=True).order_by("username"),
        label=gettext_lazy("For"),
        to_field_name="username",
        help_text=gettext_lazy("Whoever has the link is logged in as this user."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            ("once", gettext_lazy("for one login, soon")),
            ("permanent", gettext_lazy("for any number of logins, until it is revoked")),
        ],
        widget=forms.RadioSelect,
        initial="once",
    )

    def limit_owners(self, author: Any) -> None:
        """A link for somebody with more rights would lend those rights."""
        if not author.is_superuser:
            owner = cast("forms.ModelChoiceField[User]", self.fields["owner"])
            owner.queryset = User.objects.filter(pk=author.pk)


@admin.register(MagicLink)
class MagicLinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The list is a document, not a table."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("revoke/", wrap(self.revoke_view), name="configstore_magiclink_revoke"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_add = self.has_add_permission(request)
        form = NewLinkForm(
            request.POST or None, initial={"owner": request.user.get_username()}, label_suffix=""
        )
        form.limit_owners(request.user)
        created = None
        if request.method == "POST":
            if not may_add:
                raise PermissionDenied
            created = self._create(request, form) if form.is_valid() else None
        return self._render(request, form=form, created=created, may_add=may_add)

    def revoke_view(self, request: HttpRequest) -> HttpResponse:
        """Whoever had to log in after the press comes back without it: to the list, to press
        again."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))
        if not self.has_delete_permission(request):
            raise PermissionDenied
        author, link = request.user.get_username(), request.POST.get("link", "")
        try:
            revoked = magic_links.revoke(link, author) if link else magic_links.revoke_all(author)
        except TROUBLE as exc:
            tell_store_trouble(request, exc)
        else:
            messages.success(request, _("Revoked: %(count)d.") % {"count": int(revoked)})
        return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:configstore_magiclink_changelist"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _create(self, request: HttpRequest, form: NewLinkForm) -> magic_links.NewLink | None:
        try:
            link = magic_links.create(
                owner=form.cleaned_data["owner"].get_username(),
                single_use=form.cleaned_data["kind"] == "once",
                author=request.user.get_username(),
                now=timezone.now(),
            )
        except TROUBLE as exc:
            tell_store_trouble(request, exc)
            return None
        self.log_addition(request, MagicLink(id=link.id), [{"added": {}}])
        tell_saved(request, _("Magic links"), link.written)
        return link

    def _render(self, request: HttpRequest, **context: Any) -> HttpResponse:
        try:
            links = magic_link_list.links(timezone.now())
        except ConfigurationUnknown as exc:
            tell_store_trouble(request, exc)
            links = []
        created = context.get("created")
        shared = {
            **self.admin_site.each_context(request),
            "title": _("Magic links"),
            "opts": self.opts,
            "links": list(reversed(links)),
            "may_revoke": self.has_delete_permission(request),
            "created_address": request.build_absolute_uri(created.path) if created else "",
        }
        return TemplateResponse(request, "admin/configstore/magic_links.html", shared | context)
