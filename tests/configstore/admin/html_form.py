"""What a browser would send for a page whose form a person has filled in."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

Fields = dict[str, Any]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("class", ""), {}))
        if not self.forms or "disabled" in found:
            return
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "textarea":
            self._textarea = name
            self._put(name, "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self._put(self._select, value)
        elif tag == "input" and name:
            self._input(found.get("type", "text"), name, value, "checked" in found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            fields = self.forms[-1][1]
            fields[self._textarea] = (fields[self._textarea] + data).removeprefix("\n")

    def _input(self, kind: str, name: str, value: str, checked: bool) -> None:
        if kind in ("checkbox", "radio"):
            if checked:
                self._put(name, value or "on")
        elif kind not in ("submit", "button", "file"):
            self._put(name, value)

    def _put(self, name: str, value: str) -> None:
        fields = self.forms[-1][1]
        if name in fields:
            before = fields[name]
            fields[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            fields[name] = value


def filled(page: Any, **changes: Any) -> Fields:
    """The settings form of the page with these fields changed; None leaves one out."""
    parser = _Forms()
    parser.feed(page.content.decode())
    fields = next(fields for kind, fields in parser.forms if "settings" in kind)
    merged = fields | changes
    return {name: value for name, value in merged.items() if value is not None}
