"""Nasty mails, cut, shuffled and huge ones: nothing breaks the parser or keeps it busy."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.parser import parse_body, parse_header
from tests.polling.nasty import GOOD, MAILS, MUTATIONS, Mutation, seeded, text
from tests.polling.nasty_structures import multipart, nested
from tests.polling.storable import assert_storable

MEGABYTE = 1_000_000
# Each of about so many bytes.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "empty parts": lambda size: multipart(*[b"\r\n"] * (size // 8)),
    "levels": lambda size: nested(size // 110),
    "lines like boundaries": lambda size: nested(45).replace(
        b"Bonjour", b"--level-\r\n" * (size // 10)
    ),
    "lines of dashes": lambda size: nested(45).replace(b"Bonjour", b"--\r\n" * (size // 4)),
    "parameters": lambda size: multipart(
        *[b"Content-Type: text/plain;" + b';a="' * 1200 + b"\r\n"] * (size // 4900)
    ),
    "fields in parts": lambda size: multipart(*[b"X: y\r\n" * 1000] * (size // 6000)),
    "folds": lambda size: b"Content-Type:" + b"\n " * (size // 2),
    "fields": lambda size: b"X: y\r\n" * (size // 6) + b"\r\ntext",
    "encoded words": lambda size: b"Subject: " + b"=?utf-8?q?a?= " * (size // 14) + b"\r\n\r\n",
    "open quotes": lambda size: b"From: " + b'"\\' * (size // 2) + b"\r\n\r\n",
    "open brackets": lambda size: b"From: " + b"<(" * (size // 2) + b"\r\n\r\n",
    "semicolons": lambda size: b"Content-Type: text/plain" + b";" * size + b"\r\n\r\n",
    "parameter pieces": lambda size: (
        b"Content-Type: a/b; "
        + b"; ".join(b"name*%d*=%%41" % number for number in range(size // 16))
        + b"\r\n\r\n"
    ),
    "written brackets": lambda size: text(
        "utf-8", b"=3C" * (size // 3), "quoted-printable", "html"
    ),
    "tags": lambda size: text("utf-8", b"<b" * (size // 2), subtype="html"),
    "comments": lambda size: text("utf-8", b"<!--" * (size // 4), subtype="html"),
    "scripts": lambda size: text("utf-8", b"<script>" * (size // 8), subtype="html"),
    "entities": lambda size: text("utf-8", b"&#x" * (size // 3), subtype="html"),
    "links": lambda size: text("utf-8", b"https://fromsmash.com/a(" * (size // 24)),
    "beginnings of links": lambda size: text("utf-8", b"https://" * (size // 8)),
    "links in links": lambda size: text("utf-8", b"https://a?u=https%3A%2F%2F" * (size // 26)),
    "attributes": lambda size: text("utf-8", b"<a " + b'href="x" ' * (size // 9), subtype="html"),
    "punycode": lambda size: text("punycode", b"a-" * (size // 2)),
    "idna": lambda size: text("idna", b"xn--a." * (size // 6)),
    "base64 of spaces": lambda size: text("utf-8", b"Q \n" * (size // 3), "base64"),
    "line ends": lambda size: b"\n" * size,
    "random bytes": lambda size: seeded(1).randbytes(size),
}


@pytest.mark.parametrize("name", MAILS)
def test_no_nasty_mail_breaks_it(name: str) -> None:
    parse_header(MAILS[name])
    assert_storable(parse_body(MAILS[name]))


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_no_mutation_of_a_mail_breaks_it(mutate: Mutation) -> None:
    rng = seeded(1)
    for mail in MAILS.values():
        changed = mutate(mail[:20_000], rng)
        parse_header(changed)
        assert_storable(parse_body(changed))


@given(st.binary() | st.binary().map(lambda body: GOOD[:250] + body))
def test_any_bytes_are_accepted(raw: bytes) -> None:
    assert_storable(parse_body(raw))


def seconds(raw: bytes) -> float:
    """Of the processor: others may be at work on the machine."""
    began = time.process_time()
    parse_header(raw)
    assert_storable(parse_body(raw))
    return time.process_time() - began


def test_the_corpus_is_large() -> None:
    assert len(MAILS) >= 500


def test_no_nasty_mail_takes_more_than_a_second_for_a_megabyte() -> None:
    """Of a small one, what a tenth of that may take."""
    slow = {
        name: spent
        for name, mail in MAILS.items()
        if (spent := seconds(mail)) > max(len(mail), 100_000) / MEGABYTE
    }
    assert not slow


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_takes_linear_time(name: str) -> None:
    half, whole = HOSTILE[name](MEGABYTE // 2), HOSTILE[name](MEGABYTE)
    few, many = min(seconds(half) for _ in range(2)), min(seconds(whole) for _ in range(2))
    assert many <= len(whole) / MEGABYTE
    assert many <= 3 * few + 0.05
