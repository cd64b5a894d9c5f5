"""Documents of which there may be several: the default one, and those that it lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore import editing
from configstore.admin.documents import DocumentAdmin
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.current import Current
from configstore.declared import config_store
from configstore.documents import document_of
from configstore.fields import DEFAULT, MAILBOX_NAME
from configstore.merging import listed_names
from configstore.naming import names_of
from configstore.store import ConfigurationUnknown


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the pages and the history call them. one, added and removed take the name."""

    all: Any
    default: Any
    one: Any
    add: Any
    taken: Any
    added: str
    removed: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One of the list. current None: it is not known now, for the reason that trouble gives."""

    name: str
    object_id: str
    current: Current[Any] | None
    trouble: str = ""


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits, - and _. The log names it so."),
    )

    def __init__(self, data: Any, taken: tuple[str, ...], sentence: Any, name: str = "") -> None:
        super().__init__(data, label_suffix="", initial={"name": name})
        self._taken, self._sentence = taken, sentence

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not MAILBOX_NAME.fullmatch(name):
            raise forms.ValidationError(_("Use small letters, digits, - and _ alone."))
        if name in self._taken:
            raise forms.ValidationError(self._sentence)
        return name


class FurtherAdmin(DocumentAdmin):
    """object_id is the name, but for the default one, whose address is default_id."""

    words: ClassVar[Words]
    default_id: ClassVar[str] = DEFAULT
    list_template: ClassVar[str]
    delete_template: ClassVar[str]

    def name_of(self, object_id: str) -> str:
        return DEFAULT if object_id == self.default_id else object_id

    def id_of(self, name: str) -> str:
        return self.default_id if name == DEFAULT else name

    def document_name(self, object_id: str) -> str:
        return document_of(self.kind, self.name_of(object_id))

    def title(self, object_id: str) -> str:
        name = self.name_of(object_id)
        return str(self.words.default if name == DEFAULT else self.words.one % {"name": name})

    def context(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        return {
            **super().context(request, object_id),
            "name": self.name_of(object_id),
            "list_title": self.words.all,
            "list_address": self.address("changelist"),
        }

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list shows beside its rows. Raises ConfigurationUnknown."""
        return {}

    def delete_context(self, object_id: str) -> dict[str, Any]:
        """What there is to know before it is removed; refused says why it cannot be."""
        return {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            rows = [self._row(name) for name in names_of(self.kind, config_store())]
            shown = self.list_context(request)
        except ConfigurationUnknown as exc:
            return self.unknown(request, self.default_id, exc)
        context = {
            **self.context(request, self.default_id),
            "title": self.words.all,
            "rows": rows,
            "may_add": self.has_add_permission(request),
            "may_delete": self.has_delete_permission(request),
            "add_title": self.words.add,
            **shown,
        }
        return TemplateResponse(request, self.list_template, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if object_id is None:
            return self._add(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Out of the list first: a list without its document is worse than the reverse."""
        self.must_exist(object_id)
        name = self.name_of(object_id)
        if name == DEFAULT or not self.has_delete_permission(request):
            raise PermissionDenied
        known = self.delete_context(object_id)
        if request.method != "POST" or known.get("refused"):
            context = {**self.context(request, object_id), **known}
            return TemplateResponse(request, self.delete_template, context)

        def without(names: tuple[str, ...]) -> list[str]:
            return [each for each in names if each != name]

        action = self.words.removed % name
        if self._update_list(request, without, action):
            self._remove_document(request, object_id, action)
            self.log_deletions(request, [self.model(name=name)])  # type: ignore[arg-type]  # no queryset: no table
        return HttpResponseRedirect(self.address("changelist"))

    def must_exist(self, object_id: str) -> None:
        try:
            names = names_of(self.kind, config_store())
        except ConfigurationUnknown:
            return  # the page says so
        if self.name_of(object_id) not in names:
            raise Http404

    def _row(self, name: str) -> Row:
        document, object_id = document_of(self.kind, name), self.id_of(name)
        try:
            current = config_store().current(self.kind, document)
        except ConfigurationUnknown as exc:
            if name == DEFAULT:
                raise
            return Row(name=name, object_id=object_id, current=None, trouble=str(exc))
        return Row(name=name, object_id=object_id, current=current, trouble=current.fault)

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            names = names_of(self.kind, config_store())
        except ConfigurationUnknown as exc:
            return self.unknown(request, self.default_id, exc)
        name = request.POST.get("name", "").strip()
        if name in names and name != DEFAULT:  # as after a second press of the button
            messages.info(request, str(self.words.taken))
            return HttpResponseRedirect(self.address("change", name))
        taken = (self.default_id, *names)
        form = NameForm(request.POST or None, taken, self.words.taken, request.GET.get("name", ""))
        if request.method == "POST" and form.is_valid():
            name = form.cleaned_data["name"]

            def with_name(names: tuple[str, ...]) -> list[str]:
                return [*names, name]

            if self._update_list(request, with_name, self.words.added % name):
                self.log_addition(request, self.model(name=name), [{"added": {}}])
                return HttpResponseRedirect(self.address("change", name))
        context = {
            **self.context(request, self.default_id),
            "title": self.words.add,
            "form": form,
        }
        return TemplateResponse(request, "admin/configstore/further_add.html", context)

    def _update_list(
        self, request: HttpRequest, change: Callable[[tuple[str, ...]], list[str]], action: str
    ) -> bool:
        field = self.kind.FURTHER

        def changed(raw: JSONObject) -> JSONObject:
            return raw | {field: change(listed_names(self.kind, raw))}

        author = request.user.get_username()
        try:
            written = editing.update(
                config_store(), self.kind, self.kind.NAME, changed, author=author, action=action
            )
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
            tell_store_trouble(request, exc)
            return False
        tell_saved(request, str(self.words.all), written)
        return True

    def _remove_document(self, request: HttpRequest, object_id: str, action: str) -> None:
        name, store = self.document_name(object_id), config_store()
        author = request.user.get_username()
        try:
            expected = store.current(self.kind, name).version
            editing.save(
                store, self.kind, name, None, expected=expected, author=author, action=action
            )
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged):
            messages.warning(
                request, _("Its settings are still stored; one of this name would find them.")
            )
