"""Words without capitals and accents, so that databases need to know nothing of either."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]")
# What Unicode does not take apart, and keyboards do not have.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})


def folded(text: str) -> str:
    """Asked for each row of a journal."""
    if text.isascii():
        return text.lower().replace("\0", "")
    return without_accents(text).translate(_LETTERS)


def without_accents(text: str) -> str:
    """What a release before the first folded: with “œ” and the like as they are."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if not plain.isascii():
        plain = "".join(each for each in plain if not unicodedata.combining(each))
    return plain.replace("\0", "")
