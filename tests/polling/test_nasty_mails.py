"""Nasty mails, cut, shuffled and huge ones: nothing breaks the parser or keeps it busy."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.mail import Body
from polling.parser import parse_body, parse_header
from tests.polling.nasty import GOOD, MAILS, MUTATIONS, Mutation, seeded, text
from tests.polling.nasty_structures import multipart, nested


def assert_storable(body: Body) -> None:
    for value in (body.text, *body.attachments, *(link.raw_url for link in body.links)):
        assert "\x00" not in value
        assert json.loads(json.dumps(value)) == value
        value.encode("utf-8")
    assert len(body.digest) == 32


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


@pytest.mark.parametrize(
    "raw",
    [
        multipart(*[b"\r\n"] * 150_000),
        nested(5_000),
        nested(45).replace(b"Bonjour", b"--level-\r\n" * 100_000),
        nested(45).replace(b"Bonjour", b"--\r\n" * 250_000),
        multipart(*[b"Content-Type: text/plain;" + b';a="' * 1200 + b"\r\n"] * 200),
        multipart(*[b"X: y\r\n" * 1000] * 160),
        b"Content-Type:" + b"\n " * 500_000,
        text("utf-8", b"=3C" * 350_000, "quoted-printable", "html"),
        text("punycode", b"a-" * 500_000),
        b"\n" * 1_000_000,
        seeded(1).randbytes(1_000_000),
    ],
    ids=range(11),
)
def test_a_hostile_mail_takes_linear_time(raw: bytes) -> None:
    started = time.perf_counter()
    assert_storable(parse_body(raw))
    assert time.perf_counter() - started < 2
