"""Django's pages of users and groups, with their permissions in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Field, ManyToManyField
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from configstore.password_of_user import PasswordOfUserForm

ACTIONS: Mapping[str, Promise] = {
    "add": _("%(model)s: add"),
    "change": _("%(model)s: change"),
    "delete": _("%(model)s: delete"),
    "view": _("%(model)s: see"),
}


class PermissionsField(forms.ModelMultipleChoiceField):
    """Django keeps their names in English, in the database."""

    def label_from_instance(self, obj: Any) -> str:
        action, _underscore, model = obj.codename.partition("_")
        words, kind = ACTIONS.get(action), obj.content_type.model_class()
        if words is None or kind is None or model != kind._meta.model_name:
            return str(obj)
        app = str(obj.content_type.app_labeled_name)
        return str(words) % {"model": app}


class InWords:
    """For the pages that give permissions."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None, **kwargs: Any
    ) -> Field[Any, Any] | None:
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
            kwargs.setdefault("queryset", Permission.objects.select_related("content_type"))
        found: Any = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        return found


admin.site.unregister((User, Group))


@admin.register(User)
class PersonAdmin(InWords, UserAdmin):  # type: ignore[type-arg]
    change_password_form = PasswordOfUserForm


@admin.register(Group)
class TeamAdmin(InWords, GroupAdmin):
    pass
