"""Words without capitals and accents, so that databases need to know nothing of either."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]")
# What Unicode does not take apart, and keyboards do not have.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "‘": "'", "’": "'", "ʼ": "'"}
)


def folded(text: str) -> str:
    """Asked for each row of a journal. What is folded stays so when it is folded again."""
    if text.isascii():
        return text.lower().replace("\0", "")
    # Taken apart, some characters leave capitals: “№” an N, “™” both of its letters.
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return _without_marks(unicodedata.normalize("NFKD", plain)).translate(_LETTERS)


def folded_before(text: str) -> str:
    """As a release before the first did: with “œ” and the like as they are."""
    return _without_marks(unicodedata.normalize("NFKD", text.casefold()))


def _without_marks(plain: str) -> str:
    plain = _MARKS.sub("", plain)
    if not plain.isascii():
        plain = "".join(each for each in plain if not unicodedata.combining(each))
    return plain.replace("\0", "")
