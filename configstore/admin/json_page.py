"""The document as text: to look at, to repair, to take fields out."""

from __future__ import annotations

import json
from typing import Any

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
)
from configstore.backends.json_text import decode
from configstore.current import Current
from configstore.declared import config_store
from configstore.documents import Document, faults
from configstore.forms.base import JsonForm
from configstore.store import ConfigurationUnknown


class JsonPage(DocumentPage):
    def json_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        self.must_exist(object_id)
        name = self.document_name(object_id)
        try:
            current = config_store().current(self.kind, name)
        except ConfigurationUnknown as exc:
            return self.unknown(request, object_id, exc)
        if request.method != "POST":
            text = current.text or json.dumps(current.raw or {}, ensure_ascii=False, indent=2)
            form = JsonForm(initial={"version": current.version, "text": text}, label_suffix="")
            return self._render_json(request, object_id, current, form)
        form = JsonForm(request.POST, label_suffix="")
        raw = _document(form, self.kind)
        if raw is None:
            return self._render_json(request, object_id, current, form)
        return self._save_json(request, object_id, current, form, raw)

    def _save_json(
        self,
        request: HttpRequest,
        object_id: str,
        current: Current[Any],
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
            sentence = _("Nothing was saved: somebody changed these settings meanwhile.")
            messages.error(request, sentence)
            return self._render_json(request, object_id, current, form)
        except (StoreUnavailable, ConfigurationUnknown) as exc:
            tell_store_trouble(request, exc)
            return self._render_json(request, object_id, current, form)
        self.note(request, object_id, [])
        tell_saved(request, self.title(object_id), written)
        return HttpResponseRedirect(self.address("change", object_id))

    def _render_json(
        self, request: HttpRequest, object_id: str, current: Current[Any], form: JsonForm
    ) -> HttpResponse:
        context = {**self.context(request, object_id), "form": form, "current": current}
        return TemplateResponse(request, "admin/configstore/json.html", context)


def _document(form: JsonForm, kind: type[Document]) -> JSONObject | None:
    """What the text says; None with the faults written into the form."""
    if not form.is_valid():
        return None
    try:
        raw = decode(form.cleaned_data["text"], _("The text"))
        kind.model_validate(config_store().default(kind.NAME) | raw)
    except DocumentCorrupt as exc:
        form.add_error("text", str(exc))
    except ValidationError as exc:
        for where, what in faults(exc):
            form.add_error("text", f"{where}: {_(what)}" if where else _(what))
    else:
        return raw
    return None
