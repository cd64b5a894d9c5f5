"""What a page says: its texts, and the attributes that are shown or read aloud."""

from __future__ import annotations

from html.parser import HTMLParser

SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-copied")
SILENT = ("script", "style")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        shown = dict(attrs)
        spoken = [shown.get(name) for name in SPOKEN]
        if tag == "input" and shown.get("type") in ("submit", "button"):
            spoken.append(shown.get("value"))
        for text in spoken:
            self._say(text)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(data)

    def _say(self, text: str | None) -> None:
        if text and text.strip():
            self.found.append(" ".join(text.split()))


def texts(html: str) -> list[str]:
    parser = _Texts()
    parser.feed(html)
    return parser.found
