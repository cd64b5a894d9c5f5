"""A form over one document."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext, gettext_lazy
from pydantic import ValidationError

from configstore.backends.base import JSONObject, Version
from configstore.differences import is_secret, readable
from configstore.document import Document, faults
from configstore.forms.fields import SecretField, SigningSecretsField
from configstore.probes import Probe, fault_of, probes_of
from configstore.secrets import says_the_same
from configstore.wording import field_error


@dataclass(frozen=True, kw_only=True)
class Section:
    """Fields that belong together under one heading."""

    title: Any
    fields: tuple[str, ...]
    description: Any = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One field as the page shows it. origin is "default" or "environment" while nothing is
    stored; else usual is what would be in force then."""

    field: BoundField
    origin: str
    usual: str
    probe: Probe | None

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.field.widget, forms.CheckboxInput)

    @property
    def is_group(self) -> bool:
        return isinstance(self.field.field.widget, forms.CheckboxSelectMultiple | forms.RadioSelect)


@dataclass(frozen=True, kw_only=True)
class Clash:
    """One field of two people's edits. yours is "" where only the other one changed it."""

    label: str
    theirs: str
    yours: str


class DocumentForm(forms.Form):
    """Fields of the same names as the document's.

    Only fields that a person changed are written, over what is stored then: fields that
    somebody else changed meanwhile, and fields that nobody here knows, stay as they are. only:
    the fields that the page asks for, where it does not ask for all of them.
    """

    kind: ClassVar[type[Document]]
    sections: ClassVar[tuple[Section, ...]]

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        document: Document,
        raw: JSONObject | None,
        version: Version,
        defaults: JSONObject,
        only: Container[str] | None = None,
    ) -> None:
        known = [name for name in self.base_fields if name in self.kind.model_fields]
        initial = {name: getattr(document, name) for name in known}
        super().__init__(data, initial=initial | {"version": version}, label_suffix="")
        self.raw = raw or {}
        self._defaults = defaults
        for name in known:
            if only is not None and name not in only:
                del self.fields[name]
        for name in self._names():
            # What the person saw travels with the page: only what differs from it was changed.
            field = self.fields[name]
            unshown = isinstance(field, SecretField | SigningSecretsField) or field.disabled
            field.show_hidden_initial = not unshown

    @property
    def expected(self) -> Version:
        """The version that the page was made of."""
        return str(self.data.get("version", "none was sent"))

    def merged(self) -> JSONObject:
        """The stored document with the changes. For a valid form."""
        document = self._validated()
        dumped = document.model_dump(mode="json")
        return self.raw | {name: dumped[name] for name in self._changed()}

    def is_stored(self) -> bool:
        """Whether all that was entered is what is stored: a form that was sent twice. For a valid
        form."""
        return all(says_the_same(self.raw.get(name), it) for name, it in self.merged().items())

    def document(self) -> Document:
        """What would be in force. For a valid form."""
        return self._validated()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            document = self._validated()
        except ValidationError as exc:
            for where, what in faults(exc):
                name = where.partition(".")[0]
                known = name if name in self.fields else None
                self.add_error(known, field_error(what if known or not name else f"{name}: {what}"))
            return cleaned
        for name in self._changed():
            if fault := fault_of(self.kind.NAME, name, getattr(document, name)):
                self.add_error(name, fault)
        return cleaned

    def stored_value(self, name: str, value: Any) -> Any:
        """What is written for what was entered; a seam for fields that are encrypted."""
        return value

    def clashes(self) -> list[Clash]:
        """Where this form and what is in force now differ. For a valid form."""
        mine = self._validated()
        found = []
        for name in self._names():
            theirs = readable(name, self.initial[name])
            yours = readable(name, getattr(mine, name)) if name in self._changed() else ""
            if yours == theirs and name in self.kind.SECRETS:
                yours = gettext("changed")
            if theirs != self._seen(name) or (yours and yours != theirs):
                found.append(Clash(label=str(self.fields[name].label), theirs=theirs, yours=yours))
        return found

    def keep_secrets(self) -> None:
        """Send back what was typed, so that it is not lost when the page was made only to show
        an answer."""
        for field in self.fields.values():
            if isinstance(field, SecretField):
                field.widget.render_value = True

    def mask(self) -> None:
        """For people who may only look: addresses without the tokens in them."""
        for name, value in self.initial.items():
            if isinstance(value, str) and is_secret(name):
                self.initial[name] = readable(name, value)

    def rows(self) -> list[tuple[Section, list[Line]]]:
        """The sections and their fields, for the page."""
        return [(part, self.lines(part.fields)) for part in self.sections]

    def lines(self, names: Iterable[str]) -> list[Line]:
        """Those of them that the form has, for the page."""
        usual = self.kind.model_validate(self._defaults)
        return [self._line(name, usual) for name in names if name in self.fields]

    def other_fields(self) -> JSONObject:
        """What is stored and no field of this project."""
        known = set(self.kind.model_fields)
        return {name: value for name, value in self.raw.items() if name not in known}

    def _seen(self, name: str) -> str:
        """What the page showed when it was made."""
        field, bound = self.fields[name], self[name]
        if not field.show_hidden_initial:
            return readable(name, self.initial[name])
        widget = field.hidden_widget()
        value = widget.value_from_datadict(self.data, self.files, bound.html_initial_name)
        try:
            shown = self.kind.model_validate({name: field.to_python(value)})
        except (ValidationError, forms.ValidationError):
            return ""
        return readable(name, getattr(shown, name))

    def _line(self, name: str, usual: Document) -> Line:
        stored, secret = name in self.raw, name in self.kind.SECRETS
        told = stored or secret  # where nothing is stored its help says what is in force
        edited = self.is_bound and name in self.changed_data
        return Line(
            field=self[name],
            origin="" if told or edited or self.fields[name].disabled else self._origin(name),
            usual=self._in_words(name, getattr(usual, name)) if stored and not secret else "",
            probe=next((probe for probe in probes_of(self.kind.NAME) if probe.field == name), None),
        )

    def _in_words(self, name: str, value: Any) -> str:
        """As the form names it, where there is a choice."""
        choices = dict(getattr(self.fields[name], "choices", ()))
        if not choices:
            return readable(name, value)
        labels = [choices.get(each) for each in (value if isinstance(value, tuple) else [value])]
        return ", ".join(map(str, labels)) if labels and all(labels) else readable(name, value)

    def _origin(self, name: str) -> str:
        return "environment" if name in self._defaults else "default"

    def _names(self) -> list[str]:
        return [name for name in self.fields if name in self.kind.model_fields]

    def _changed(self) -> list[str]:
        return [name for name in self.changed_data if name in self.kind.model_fields]

    def _validated(self) -> Document:
        """Raises ValidationError."""
        changes = {
            name: self.stored_value(name, self.cleaned_data[name]) for name in self._changed()
        }
        return self.kind.model_validate({**self._defaults, **self.raw, **changes})


class JsonForm(forms.Form):
    """The document as text, for what no other form can repair."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("Document"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "json-text"}),
    )
