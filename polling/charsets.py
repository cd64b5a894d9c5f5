"""Bytes in a charset that may be a lie, to text that can be stored and sent."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

# Names come from strangers: an unlisted one is never looked up, because Python remembers each
# failed look-up for good, punycode takes quadratic time, and zlib is a codec too.
_BINARY = {"base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec"}
_LISTED = {*aliases.values(), "utf_8_sig", "cp874", "koi8_u"} - _BINARY - {"zlib_codec", "mbcs"}

LONGEST_NAME = 40

# Senders say the small set and use the large one.
_SUPERSETS = {
    "ascii": "utf_8",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "shift_jis": "cp932",
}


def decode_text(content: bytes, charset: str) -> str:
    """The text in these bytes, whatever they are. Nothing in it that UTF-8 or a database refuses.

    A multi-byte character cut off at the end is left out.
    """
    declared = _codec(charset)
    for name in (declared, "utf_8"):
        text = _strictly(content, name) if name else None
        if text is not None:
            return _storable(text)
    return _storable(_leniently(content, declared))


def _codec(charset: str) -> str | None:
    return _listed(charset[:LONGEST_NAME])


@lru_cache(maxsize=64)
def _listed(charset: str) -> str | None:
    name = re.sub(r"[^a-z0-9]+", "_", charset.lower()).strip("_")
    name = aliases.get(name, name)
    name = _SUPERSETS.get(name, name)
    return name if name in _LISTED else None


def _strictly(content: bytes, name: str) -> str | None:
    try:
        decoder = codecs.getincrementaldecoder(name)("strict")
        text = decoder.decode(content)
    except ValueError:
        return None
    # One accented letter at the end of plain ASCII is more likely Latin-1 than cut UTF-8.
    cut_off = name == "utf_8" and bool(decoder.getstate()[0])
    return None if cut_off and text.isascii() else text


def _leniently(content: bytes, declared: str | None) -> str:
    text = content.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", "ignore")) - lost
    if foreign > lost:
        return text
    return content.decode(declared if declared and declared != "utf_8" else "cp1252", "replace")


def _storable(text: str) -> str:
    """Without NULs, which PostgreSQL refuses, and lone surrogates, which UTF-7 can spell."""
    text = text.replace("\x00", "").lstrip("\ufeff")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")
