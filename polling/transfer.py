"""Content-Transfer-Encoding undone."""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode_transfer(content: bytes, encoding: str) -> bytes:
    """The content as the sender had it; as it is if the encoding is none or unknown.

    Never raises. Of a truncated content the beginning is decoded, to the same bytes as that
    of the whole.
    """
    name = encoding.strip().lower()
    if name == "base64":
        return decode_base64(content)
    if name == "quoted-printable":
        return binascii.a2b_qp(content)
    return content


def decode_base64(content: bytes) -> bytes:
    """Base64, with whatever is not base64 passed over and a missing end put up with."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        content = _NOT_BASE64.sub(b"", content)
    if len(content) % 4 == 1:
        content = content[:-1]
    return binascii.a2b_base64(content + b"=" * (-len(content) % 4))
