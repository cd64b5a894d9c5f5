"""Export and import of documents as one JSON file."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore import editing
from configstore.admin.names import label_of, title_of
from configstore.admin.permissions import may_add, may_change
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable, Version
from configstore.declared import config_store
from configstore.differences import differences
from configstore.document import Document
from configstore.documents import KINDS, MagicLinkTokens, document_of, kind_of
from configstore.exchange import NotImportable, export, parse
from configstore.fields import DEFAULT
from configstore.merging import kept, listed_names, with_names
from configstore.naming import SEVERAL, UnknownName, further_name, names_of
from configstore.reuse import SecretMoved, check_reuse
from configstore.store import ConfigurationUnknown
from configstore.wording import translated

LARGEST_UPLOAD = 1_000_000


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("JSON file"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "json-text"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None and file.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        if file is None and not cleaned.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file, or paste its text."))
        try:
            content = file.read() if file is not None else cleaned.get("text", "")
            cleaned["documents"] = parse(content)
        except NotImportable as exc:
            raise forms.ValidationError([translated(each) for each in exc.problems]) from exc
        return cleaned


def document_names() -> list[str]:
    """Of all documents. Raises ConfigurationUnknown."""
    return [
        document_of(kind, name)
        for kind in KINDS
        for name in (names_of(kind, config_store()) if kind.FURTHER else (DEFAULT,))
    ]


def export_view(request: HttpRequest) -> HttpResponse:
    """?document=NAME for one of them; without it all that the person may change, since addresses
    with their tokens are in it."""
    wanted = request.GET.get("document", "")
    try:
        names = [wanted] if wanted else [n for n in document_names() if may_change(request, n)]
        if not names or not all(may_change(request, name) for name in names):
            raise PermissionDenied
        content = export(config_store(), names)
    except (ConfigurationUnknown, UnknownName) as exc:
        tell_store_trouble(request, exc)
        return HttpResponseRedirect(reverse("admin:configstore_revision_changelist"))
    stamp = timezone.now().strftime("%Y%m%d-%H%M%S")
    response = HttpResponse(content, content_type="application/json")
    name = (wanted or "configuration").replace(":", "_")
    response["Content-Disposition"] = f'attachment; filename="{name}-{stamp}.json"'
    return response


def may_exchange(request: HttpRequest) -> bool:
    """Whether there is anything that the person may export, and import."""
    return any(may_change(request, kind.NAME) for kind in KINDS)


def import_view(request: HttpRequest) -> HttpResponse:
    """First what would change is shown, then, confirmed, it is saved."""
    if not may_exchange(request):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method != "POST" or not form.is_valid():
        return _page(request, form=form)
    documents: dict[str, JSONObject] = form.cleaned_data["documents"]
    if documents.pop(MagicLinkTokens.NAME, None) is not None:
        # A former list of links would let those in again that were revoked since.
        messages.warning(request, _("Magic links are not imported: make new ones."))
    if not all(may_change(request, name) for name in documents):
        raise PermissionDenied
    try:
        if not all(may_add(request, kind) for kind in SEVERAL if _adds(kind, documents)):
            raise PermissionDenied
        documents = _with_listed(documents)
        documents = {name: _with_kept(name, document) for name, document in documents.items()}
        if "confirmed" in request.POST:
            return _save_all(request, documents, _versions(request.POST["confirmed"]))
        return _preview(request, documents)
    except SecretMoved as exc:
        form.add_error(None, translated(str(exc)))
        return _page(request, form=form)
    except (ConfigurationUnknown, StoreUnavailable, ValueError) as exc:
        tell_store_trouble(request, exc)
        return _page(request, form=form)


def _adds(kind: type[Document], documents: dict[str, JSONObject]) -> bool:
    """Whether there would be a further one of this kind. Raises ConfigurationUnknown."""
    known = names_of(kind, config_store())
    listed = listed_names(kind, documents.get(kind.NAME))
    return not {*_further(kind, documents), *listed} <= {*known}


def _further(kind: type[Document], documents: dict[str, JSONObject]) -> list[str]:
    names = [name for name in documents if kind_of(name) is kind]
    return [further for name in names if (further := further_name(name))]


def _with_listed(documents: dict[str, JSONObject]) -> dict[str, JSONObject]:
    """One that is imported must be listed, or nobody serves it; and none that is listed now is
    forgotten with its document left behind.

    Raises ConfigurationUnknown.
    """
    lists = {}
    for kind in SEVERAL:
        further = _further(kind, documents)
        if not further and kind.NAME not in documents:
            continue
        stored = config_store().current(kind).raw or {}
        default = documents.get(kind.NAME, stored)
        listed = with_names(kind, stored.get(kind.FURTHER), default.get(kind.FURTHER))
        listed = with_names(kind, listed, further)
        if listed and listed != default.get(kind.FURTHER):
            lists[kind.NAME] = default | {kind.FURTHER: listed}
    return documents | lists


def _with_kept(name: str, document: JSONObject) -> JSONObject:
    """A secret that is stored already is no change. Raises ConfigurationUnknown and
    SecretMoved."""
    check_reuse(config_store(), _kind(name), name, document)
    return kept(_kind(name), config_store().current(_kind(name), name).raw, document)


def _preview(request: HttpRequest, documents: dict[str, JSONObject]) -> HttpResponse:
    store, changes, versions = config_store(), [], {}
    for name, raw in documents.items():
        current = store.current(_kind(name), name)
        versions[name] = current.version
        found = differences(current.raw, raw)
        changes.append((title_of(name), [(label_of(name, each.field), each) for each in found]))
    return _page(
        request,
        changes=changes,
        text=json.dumps(documents, ensure_ascii=False),
        versions=json.dumps(versions),
    )


def _versions(text: str) -> dict[str, Version]:
    """Raises ValueError."""
    versions = json.loads(text)
    if not isinstance(versions, dict):
        raise ValueError(_("the form was changed"))
    return versions


def _save_all(
    request: HttpRequest, documents: dict[str, JSONObject], versions: dict[str, Version]
) -> HttpResponse:
    for name, raw in documents.items():
        try:
            written = editing.save(
                config_store(),
                _kind(name),
                name,
                raw,
                expected=str(versions.get(name, "?")),
                author=request.user.get_username(),
                action="imported",
            )
        except DocumentChanged:
            messages.error(
                request,
                _("%(name)s: not imported, somebody changed it meanwhile. Import it again.")
                % {"name": title_of(name)},
            )
        else:
            tell_saved(request, title_of(name), written)
    return HttpResponseRedirect(reverse("admin:configstore_revision_changelist"))


def _kind(name: str) -> Any:
    return kind_of(name)


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    shared = {**admin.site.each_context(request), "title": _("Import settings")}
    return TemplateResponse(request, "admin/configstore/import.html", shared | context)
