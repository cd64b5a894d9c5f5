"""HTML to the text a person would read."""

from __future__ import annotations

import html as entities
import re

# Possessive throughout: what has been read as part of a tag is not read again.
_MARKUP = re.compile(
    r"""<(?:(!--)|[!?][^>]*+|(/?+[a-zA-Z][^\s/>]*+)"""
    r"""[^>=]*+(?:=+\s*+(?:"[^"]*+"|'[^']*+')?+[^>=]*+)*+)"""
)
_INVISIBLE = {
    "script": re.compile("</script", re.IGNORECASE),
    "style": re.compile("</style", re.IGNORECASE),
    "title": re.compile("</title", re.IGNORECASE),
}
_HEAD_END = re.compile("</head|<body", re.IGNORECASE)

# Stand-ins for line breaks until white space has been collapsed.
_BREAK, _BLOCK, _PARAGRAPH = "\x01", "\x02", "\x03"
_MARKS = re.compile(r"[\x01-\x03]+")
_RUN = re.compile(r" ?[\x01-\x03][ \x01-\x03]*")
_ENDLESS_NUMBER = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")
MAX_BREAKS = 3

_BLOCK_TAGS = (
    "address article aside body caption center dd div dl dt fieldset figcaption figure footer form "
    "header hr html li main nav ol option pre section select table tbody tfoot thead tr ul"
)
_PARAGRAPH_TAGS = "blockquote h1 h2 h3 h4 h5 h6 p"


def _marks() -> dict[str, str]:
    marks = dict.fromkeys(_BLOCK_TAGS.split(), _BLOCK)
    marks |= dict.fromkeys(_PARAGRAPH_TAGS.split(), _PARAGRAPH)
    marks |= {"td": " ", "th": " "}
    marks |= {f"/{name}": mark for name, mark in marks.items()}
    return marks | {"br": _BREAK}


_MARK_OF = _marks()


def to_text(html: str) -> str:
    """The visible text, at most two blank lines in a row. Linear in time, never raises."""
    text = "".join(_visible(_MARKS.sub("", html)))
    text = " ".join(unescape(text).split())
    return _RUN.sub(_line_breaks, text).strip()


def unescape(text: str) -> str:
    """html.unescape, which raises on a number of more than 4,300 digits."""
    return entities.unescape(_ENDLESS_NUMBER.sub("\ufffd", text)) if "&" in text else text


def _visible(html: str) -> list[str]:
    """The text between the tags, and the marks that the tags stand for."""
    out: list[str] = []
    position, head_met = 0, False
    while match := _MARKUP.search(html, position):
        out.append(html[position : match.start()])
        name = (match[2] or "").lower()
        out.append(_MARK_OF.get(name, ""))
        position = _markup_end(html, match)
        if position and name in _INVISIBLE:
            position = _start_of(_INVISIBLE[name], html, position)
        elif position and name == "head" and not head_met:
            head_met = True  # the end tag may be left out: looked for only once
            position = _start_of(_HEAD_END, html, position) or position
        if not position:
            return out
    out.append(html[position:])
    return out


def _markup_end(html: str, match: re.Match[str]) -> int:
    """Where the text goes on after a tag or comment; 0 if it never ends."""
    if not match[1]:
        return match.end() + 1 if match.end() < len(html) else 0
    end = html.find("-->", match.start() + 2)  # <!--> is a whole comment
    return end + 3 if end >= 0 else 0


def _start_of(tag: re.Pattern[str], html: str, position: int) -> int:
    found = tag.search(html, position)
    return found.start() if found else 0


def _line_breaks(run: re.Match[str]) -> str:
    marks = run[0].strip(" ")
    breaks = marks.count(_BREAK)
    if marks[0] != _BREAK:  # a break at the end of a block is not seen as one
        breaks += 1
    if _PARAGRAPH in marks:
        breaks = max(2, breaks)
    return "\n" * min(breaks, MAX_BREAKS)
