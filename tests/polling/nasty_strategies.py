"""Mails and structures by Hypothesis: trees of parts, with and without faults."""

from __future__ import annotations

import base64
import quopri
from typing import Any

from hypothesis import strategies as st

from tests.polling.nasty_families import CHARSETS
from tests.polling.nasty_structures import multipart

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
SUBTYPES = st.sampled_from(["mixed", "alternative", "related", "report", "x-own"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=200)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A text part as a good client writes it."""
    body = draw(TEXTS).replace("\n", "\r\n").encode()
    encoding = draw(st.sampled_from(["base64", "quoted-printable"]))
    written = base64.encodebytes(body) if encoding == "base64" else quopri.encodestring(body)
    head = (
        f"Content-Type: text/{draw(st.sampled_from(['plain', 'html']))}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + written.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"


@st.composite
def files(draw: st.DrawFn) -> bytes:
    name = draw(TOKENS)
    head = (
        f'Content-Type: application/zip; name="{name}"\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(draw(st.binary(max_size=60))) + b"\r\n"


@st.composite
def _branches(draw: st.DrawFn, children: st.SearchStrategy[bytes]) -> bytes:
    parts = draw(st.lists(children, min_size=1, max_size=3))
    # A boundary must be none of those within.
    boundary = f"={draw(TOKENS)}={sum(part.count(b'boundary=') for part in parts)}="
    return multipart(*parts, subtype=draw(SUBTYPES), boundary=boundary)


TREES = st.recursive(texts() | files(), _branches, max_leaves=8)

_NAMES = st.sampled_from(
    ["Subject", "From", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding"]
)
_VALUES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([f"text/plain; charset={name}".encode() for name in CHARSETS]),
    st.builds(lambda word: b"=?utf-8?q?" + word + b"?=", st.binary(max_size=20)),
    st.builds(lambda one, two: one + b"\r\n\t" + two, st.binary(max_size=20), st.binary()),
)
FIELDS = st.builds(
    lambda fields: b"".join(name.encode() + b": " + value + b"\r\n" for name, value in fields),
    st.lists(st.tuples(_NAMES, _VALUES), max_size=6),
)


@st.composite
def broken_trees(draw: st.DrawFn) -> bytes:
    """A tree behind any header fields, cut or with a slice of it somewhere else."""
    whole = draw(FIELDS) + draw(TREES)
    start, end, place = (draw(st.integers(0, len(whole))) for _ in range(3))
    return draw(st.sampled_from([whole[:end], whole[start:], whole[:place] + whole[start:end]]))


_ATOMS = st.one_of(
    st.none(),
    st.integers(-1, 2**40),
    st.binary(max_size=12),
    st.sampled_from([b"TEXT", b"PLAIN", b"HTML", b"UTF-8", b"BASE64", b"ATTACHMENT", b"MIXED"]),
)
# As imapclient gives a BODYSTRUCTURE, and as a server may have mixed it up.
STRUCTURES: st.SearchStrategy[Any] = st.recursive(
    _ATOMS,
    lambda inner: st.lists(inner, max_size=9) | st.lists(inner, max_size=9).map(tuple),
    max_leaves=30,
)
