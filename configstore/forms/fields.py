"""Form fields for what the documents hold and HTML has no input for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PRIORITIES = ("high", "medium", "low")
STORED = "********"
"""What stands for a value that is stored and not shown."""
PAIR = re.compile(r"(\S+?)\s*[=:\s]\s*(\w+)")


class LinesField(forms.CharField):
    """A list of texts, one a line; commas separate too."""

    widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(value or ())

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return list(value or ())
        return [item.strip() for item in re.split(r"[\n,]", value) if item.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class PrioritiesField(forms.CharField):
    """A mapping of addresses to priorities: "address = high", one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return "\n".join(f"{address} = {priority}" for address, priority in value.items())

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return dict(value)
        lines = [line.strip() for line in (value or "").splitlines() if line.strip()]
        return dict(_pair(line) for line in lines)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


def _pair(line: str) -> tuple[str, str]:
    found = PAIR.fullmatch(line)
    if not found or found[2].lower() not in PRIORITIES:
        raise ValidationError(
            _("“%(line)s”: write an address and high, medium or low, as in a@example.com = high")
            % {"line": line}
        )
    return found[1], found[2].lower()


class ClockField(forms.CharField):
    """A time of day, or none."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, empty_value=None, **kwargs)


class HourField(forms.TypedChoiceField):
    """A full hour, or none."""

    def __init__(self, **kwargs: Any) -> None:
        hours = [(hour, f"{hour:02d}:00") for hour in range(24)]
        super().__init__(
            choices=[("", gettext_lazy("all day")), *hours],
            coerce=int,
            empty_value=None,
            required=False,
            **kwargs,
        )


class SecretField(forms.CharField):
    """Never shown. Left empty it stays as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            **kwargs,
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class HeadersField(forms.CharField):
    """A mapping of names to secret values: "name: value", one a line. STORED for a value keeps
    it as it is."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        return "\n".join(f"{name}: {STORED}" for name in value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return dict.fromkeys(value, STORED)
        headers: dict[str, str] = {}
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            name, text = _header(line)
            if name.lower() in map(str.lower, headers):
                raise ValidationError(_("%(name)s stands there twice.") % {"name": name})
            headers[name] = text
        return headers

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


def _header(line: str) -> tuple[str, str]:
    """The line itself is not repeated: the value may be all there is of it."""
    name, colon, text = line.partition(":")
    if not colon or not name.strip() or not text.strip():
        raise ValidationError(_("Write each header as name: value."))
    return name.strip(), text.strip()


class SigningSecretsField(forms.MultipleChoiceField):
    """What becomes of secrets that are never shown: nothing, where nothing is marked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)
