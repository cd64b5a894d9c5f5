"""The fields of a document that a step asks for, read and saved as on the document's own page."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _

from configstore import editing
from configstore.admin.documents import DocumentAdmin, seen_version
from configstore.admin.told import tell_saved, tell_store_trouble
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.declared import config_store
from configstore.forms.base import DocumentForm
from configstore.store import ConfigurationUnknown


class Faulty(Exception):
    """The stored document has to be repaired first, at this address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Fields:
    """Of the default mailbox, the default endpoint or the preferences.

    object_id is the name in the address of the document's page. Raises Faulty and
    ConfigurationUnknown.
    """

    def __init__(self, model: type[Model], object_id: str) -> None:
        page = cast("DocumentAdmin", admin.site.get_model_admin(model))
        self._page, self._object_id = page, object_id
        self.kind = page.kind
        self.current = config_store().current(self.kind)
        if self.current.fault:
            raise Faulty(page.address("json", object_id))

    @property
    def address(self) -> str:
        """Of the page with all fields of the document."""
        return self._page.address("change", self._object_id)

    def value(self, name: str) -> Any:
        """What is in force."""
        return getattr(self.current.document, name)

    @staticmethod
    def entered(form: DocumentForm) -> Any:
        """The document that would be in force. For a valid form."""
        return form.document()

    def form(self, only: Container[str], data: Any = None) -> DocumentForm:
        return self._page.make_form(self.current, self._object_id, data, only)

    def save(
        self,
        request: HttpRequest,
        form: DocumentForm,
        confirmed: Iterable[str] = (),
        along: JSONObject | None = None,
    ) -> bool:
        """Whether it is in force now; if not, the person is told why. For a valid form.

        confirmed: fields that are written although they are the defaults, because somebody has
        looked at them. along: what else is written with them.
        """
        dumped = form.document().model_dump(mode="json", include={*confirmed}) | (along or {})
        raw = form.merged() | dumped
        if raw == form.raw:
            return True
        if form.expected != seen_version(self.current, self.kind):
            if form.is_stored() and form.raw == form.raw | dumped:
                return True
            return _changed_meanwhile(request)
        author = request.user.get_username()
        try:
            written = editing.save(
                config_store(),
                self.kind,
                self.kind.NAME,
                raw,
                expected=self.current.version,
                author=author,
                action="changed",
            )
        except DocumentChanged:
            return _changed_meanwhile(request)
        except (StoreUnavailable, ConfigurationUnknown) as exc:
            tell_store_trouble(request, exc)
            return False
        self._page.note(request, self._object_id, form.changed_data)
        tell_saved(request, self._page.title(self._object_id), written)
        return True


def _changed_meanwhile(request: HttpRequest) -> bool:
    sentence = _(
        "Nothing was saved: somebody else has changed these settings meanwhile. Open the page "
        "again to see them."
    )
    messages.error(request, sentence)
    return False
