"""Django's pages of users and groups, with their permissions in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from configstore.password_of_user import PasswordOfUserForm

ACTIONS: Mapping[str, Promise] = {
    "add": _("%(model)s: add"),
    "change": _("%(model)s: change"),
    "delete": _("%(model)s: delete"),
    "view": _("%(model)s: see"),
}


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # none at run time
    """Django keeps their names in English, in the database."""

    def label_from_instance(self, obj: Any) -> str:
        action, _underscore, model = obj.codename.partition("_")
        words, kind = ACTIONS.get(action), obj.content_type.model_class()
        if words is None or kind is None or model != kind._meta.model_name:
            return str(obj)
        app = str(obj.content_type.app_labeled_name)
        return str(words) % {"model": app}


def in_words(db_field: Any) -> dict[str, Any]:
    """How a page gives permissions; nothing for its other fields."""
    if db_field.related_model is not Permission:
        return {}
    found = Permission.objects.select_related("content_type")
    return {"form_class": PermissionsField, "queryset": found}


admin.site.unregister((User, Group))


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # none at run time
    change_password_form = PasswordOfUserForm

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs | in_words(db_field))


@admin.register(Group)
class TeamAdmin(GroupAdmin):
    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **kwargs | in_words(db_field))
