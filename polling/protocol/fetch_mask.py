"""What may be shown of an answer to FETCH: which items there are and how large, no mail."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"(?:BODY|BINARY)(?:\.PEEK)?\[[A-Z0-9. ()\"-]*\](?:<\d+>)?"
    r'|"(?:[^"\\]|\\.)*"|[()"]|[^\s()"]+|\s+',
    re.IGNORECASE,
)
SECTION = re.compile(r"(?:BODY|BINARY)(?:\.PEEK)?\[.*\](?:<\d+>)?", re.IGNORECASE)
LITERAL = re.compile(r"~?\{\d{1,20}\}")
NUMBER = re.compile(r"\d{1,20}")
FLAG = re.compile(r"\\?[\w$.+*-]{1,60}", re.ASCII)
DATE = re.compile(r'"[ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}"')
NUMBERS = ("UID", "RFC822.SIZE", "X-GM-MSGID", "X-GM-THRID")
LISTS = {"FLAGS": FLAG, "MODSEQ": NUMBER}
VALUES = {**dict.fromkeys(NUMBERS, NUMBER), "INTERNALDATE": DATE}
ITEMS = {
    *VALUES, *LISTS, "ENVELOPE", "BODY", "BODYSTRUCTURE",
    "RFC822", "RFC822.HEADER", "RFC822.TEXT", "X-GM-LABELS",
}  # fmt: skip
QUOTE = '"'
HIDDEN = "…"


class FetchMask:
    """Of one answer, which goes on behind each of its literals. Whatever is not known to be
    harmless is left out, by its place in the answer and by its form."""

    def __init__(self) -> None:
        self._depth = 0
        self._item = ""
        self._lost = False

    def shown(self, text: str) -> str:
        """Of the next line of the answer."""
        if self._lost:
            return HIDDEN
        shown: list[str] = []
        for token in TOKEN.findall(text):
            if token == QUOTE:  # of a string that does not end
                self._lost = True
                return "".join([*shown, HIDDEN])
            shown.append(self._token(token))
        return "".join(shown)

    @property
    def _inside(self) -> bool:
        """Whether this is a list that is not to be shown."""
        return self._depth > 1 and (self._depth > 2 or self._item not in LISTS)

    def _token(self, token: str) -> str:
        if token == "(":  # noqa: S105  # of a grammar
            return self._begin()
        if token == ")":  # noqa: S105  # of a grammar
            return self._end()
        if token.isspace():
            return "" if self._inside else " "
        if LITERAL.fullmatch(token):
            return self._value(token, LITERAL)
        if self._depth == 1 and not self._item:
            return self._name(token)
        if self._depth == 2 and self._item in LISTS:
            return token if LISTS[self._item].fullmatch(token) else HIDDEN
        return "" if self._inside else self._value(token, VALUES.get(self._item))

    def _begin(self) -> str:
        self._depth += 1
        if self._depth == 2 and self._inside:
            return f"({HIDDEN}"
        return "" if self._inside else "("

    def _end(self) -> str:
        if self._depth == 0:
            self._lost = True
            return HIDDEN
        self._depth -= 1
        if self._depth == 1:
            self._item = ""
        return ")" if self._depth <= 1 else ""

    def _name(self, token: str) -> str:
        self._item = token.upper()
        known = self._item in ITEMS or SECTION.fullmatch(token)
        return token if known else HIDDEN

    def _value(self, token: str, form: re.Pattern[str] | None) -> str:
        if self._depth == 1:
            self._item = ""
        if token.upper() == "NIL" or (form and form.fullmatch(token)):
            return token
        octets = len(token) - 2 if token.startswith('"') else len(token)
        return f"<{octets}>"
