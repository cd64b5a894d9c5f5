"""The document as text: to look at, to repair, to take fields out."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from pydantic import ValidationError

from configstore import editing
from configstore.admin.page import DocumentPage
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import (
    DocumentChanged,
    DocumentCorrupt,
    JSONObject,
    StoreUnavailable,
    Version,
)
from configstore.backends.json_text import decode, pretty
from configstore.current import DocumentFaulty
from configstore.declared import config_store
from configstore.document import Document, faults
from configstore.forms.base import JsonForm
from configstore.merging import sealed
from configstore.reuse import SecretMoved, check_reuse
from configstore.rule_places import named
from configstore.secrets import SecretUnreadable, says_the_same
from configstore.store import ConfigurationUnknown
from configstore.wording import translated


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The text of a document as the stores hold it, and what is wrong with it."""

    text: str
    version: Version
    fault: str
    raw: JSONObject | None = None


class JsonPage(DocumentPage):
    def json_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        self.must_exist(object_id)
        try:
            stored = _stored(self.kind, self.document_name(object_id))
        except ConfigurationUnknown as exc:
            return self.unknown(request, object_id, exc)
        if request.method != "POST":
            initial = {"version": stored.version, "text": stored.text}
            form = JsonForm(initial=initial, label_suffix="")
            return self._render_json(request, object_id, stored, form)
        form = JsonForm(request.POST, label_suffix="")
        raw = _document(form, self.kind, self.document_name(object_id))
        if raw is None:
            return self._render_json(request, object_id, stored, form)
        return self._save_json(request, object_id, stored, form, raw)

    def _save_json(
        self,
        request: HttpRequest,
        object_id: str,
        stored: Stored,
        form: JsonForm,
        raw: JSONObject,
    ) -> HttpResponse:
        try:
            written = editing.save(
                config_store(),
                self.kind,
                self.document_name(object_id),
                raw,
                expected=form.cleaned_data["version"],
                author=request.user.get_username(),
                action="changed as JSON",
            )
        except DocumentChanged:
            if says_the_same(_stored(self.kind, self.document_name(object_id)).raw, raw):
                messages.info(request, _("This is saved already."))
                return HttpResponseRedirect(self.address("change", object_id))
            sentence = _("Nothing was saved: somebody changed these settings meanwhile.")
            messages.error(request, sentence)
            return self._render_json(request, object_id, stored, form)
        except (StoreUnavailable, ConfigurationUnknown) as exc:
            tell_store_trouble(request, exc)
            return self._render_json(request, object_id, stored, form)
        self.note(request, object_id, [])
        tell_saved(request, self.title(object_id), written)
        return HttpResponseRedirect(self.address("change", object_id))

    def _render_json(
        self, request: HttpRequest, object_id: str, stored: Stored, form: JsonForm
    ) -> HttpResponse:
        context = {**self.context(request, object_id), "form": form, "stored": stored}
        return TemplateResponse(request, "admin/configstore/json.html", context)


def _stored(kind: type[Document], name: str) -> Stored:
    """Raises ConfigurationUnknown."""
    try:
        current = config_store().current(kind, name)
    except DocumentFaulty as exc:
        text = exc.reading.text or pretty(exc.reading.document)
        return Stored(text=text, version=exc.reading.version, fault=str(exc))
    text = current.text or pretty(current.raw or {})
    return Stored(text=text, version=current.version, fault=current.fault, raw=current.raw)


def _document(form: JsonForm, kind: type[Document], name: str) -> JSONObject | None:
    """What the text says, its secrets encrypted; None with the faults written into the form."""
    if not form.is_valid():
        return None
    try:
        raw = decode(form.cleaned_data["text"], _("The text"))
        whole = config_store().default(kind, name) | raw
        kind.model_validate(whole)
        check_reuse(config_store(), kind, name, raw)
        return sealed(kind, raw)
    except (DocumentCorrupt, SecretUnreadable, SecretMoved) as exc:
        form.add_error("text", translated(str(exc)))
    except ValidationError as exc:
        for where, what in faults(exc):
            fault = {"field": named(where, whole), "fault": translated(what)}
            form.add_error("text", _("%(field)s: %(fault)s") % fault if where else fault["fault"])
    return None
