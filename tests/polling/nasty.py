"""Mails that break parsers, and ways to break good ones."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

from tests.polling.nasty_families import FAMILIES
from tests.polling.nasty_reported import REPORTED
from tests.polling.nasty_structures import STRUCTURES

Mutation = Callable[[bytes, random.Random], bytes]

GOOD = (
    b"From: =?utf-8?q?Zo=C3=A9?= <zoe@studio.example>\r\n"
    b"Subject: Dossier =?utf-8?b?cHLDqnQ=?=\r\n"
    b"Message-ID: <1@studio.example>\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="=_b1"\r\n\r\n'
    b"--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Voil=C3=A0 : https://fromsmash.com/abc\r\n"
    b"--=_b1\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(b'<p>Voil\xc3\xa0 <a href="https://fromsmash.com/abc">ici</a></p>')
    + b"--=_b1--\r\n"
)


def _field(name: str, value: bytes) -> bytes:
    return name.encode() + b": " + value + b"\r\n\r\ntext\r\n"


def text(charset: str, content: bytes, encoding: str = "8bit", subtype: str = "plain") -> bytes:
    return (
        f"Content-Type: text/{subtype}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode() + content


HEADERS = {
    "nothing at all": b"",
    "one NUL": b"\x00",
    "only line ends": b"\r\n\r\n\r\n",
    "only colons": b":::::::\r\n:\r\n",
    "no blank line": b"Subject: a\r\nFrom: b@c",
    "CR-only lines": b"Subject: a\rContent-Type: text/plain\r\rtext\rmore",
    "LF-only lines": b"Subject: a\n\ntext\n",
    "mixed line ends": b"Subject: a\nFrom: b@c\r\nDate: x\r\rtext\n\r",
    "mbox From line": b"From zoe@studio.example Fri Nov 20 08:00:00 2026\nSubject: a\n\ntext\n",
    "quoted mbox line": b"Subject: a\r\n\r\n>From here on\r\n",
    "starts with a continuation": b"  folded\r\nSubject: a\r\n\r\ntext\r\n",
    "space before the colon": b"Subject : a\r\nFrom\t: b@c\r\n\r\ntext",
    "field without a name": b": value\r\nSubject: a\r\n\r\ntext",
    "field name in eight bits": b"Sujet\xe9: a\r\nSubject: b\r\n\r\ntext",
    "huge field": _field("Subject", b"a" * 300_000),
    "many fields": b"X-A: b\r\n" * 20_000 + b"\r\ntext",
    "deeply folded": b"Subject: a" + b"\r\n b" * 20_000 + b"\r\n\r\ntext",
    "duplicate fields": b"Subject: one\r\nSubject: two\r\nFrom: a@b\r\nFrom: c@d\r\n\r\ntext",
    "eight-bit UTF-8": _field("Subject", "été 🎉".encode()),
    "eight-bit Latin-1": _field("Subject", b"\xe9t\xe9"),
    "truncated encoded word": _field("Subject", b"=?utf-8?b?w6l0w6"),
    "unknown charset": _field("Subject", b"=?x-klingon?q?=E9t=E9?="),
    "codec that is no charset": _field("Subject", b"=?base64?q?abc?= =?rot13?q?abc?="),
    "charset with a NUL": _field("Subject", b"=?utf\x00-8?q?abc?="),
    "bad base64 in a word": _field("Subject", b"=?utf-8?b?a?= =?utf-8?b?====?= =?utf-8?b?\xff?="),
    "character split over words": _field("Subject", b"=?utf-8?q?=C3?= =?utf-8?q?=A9?="),
    "spaces in a word": _field("Subject", b"=?utf-8?q?a b c?="),
    "line break in a word": _field("Subject", b"=?utf-8?q?a=0D=0ABcc:=20x@y?="),
    "surrogates in a word": _field("Subject", b"=?utf-7?q?+2AA-?="),
    "20,000 encoded words": _field("Subject", b"=?utf-8?q?a?= " * 20_000),
    "3,000 open brackets": _field("From", b"<" * 3_000),
    "3,000 open parentheses": _field("From", b"(" * 3_000 + b"a@b"),
    "unterminated quote": _field("From", b'"Zo\xc3\xa9 <zoe@studio.example>'),
    "empty address": _field("From", b"Zoe <>"),
    "address in an encoded word": _field("From", b"=?utf-8?q?=3Cboss=40studio.example=3E?= <x@y>"),
    "group address": _field("From", b"undisclosed-recipients:;"),
    "right to left": _field("Subject", "שלום \u202e abc".encode()),
    "control characters": _field("Subject", bytes(range(32)).replace(b"\n", b"")),
}

CONTENTS = {
    "declared UTF-8, is Latin-1": text("utf-8", b"\xe9t\xe9 pr\xeat"),
    "declared ASCII, is UTF-8": text("us-ascii", "été".encode()),
    "one bad byte in UTF-8": text("utf-8", "été prêt à l'été ".encode() + b"\xff fin"),
    "truncated multi-byte": text("utf-8", "été".encode()[:-1]),
    "unknown body charset": text("x-unknown", "été".encode()),
    "empty charset": text('""', "été".encode()),
    "charset in pieces": b"Content-Type: text/plain; charset*0=utf; charset*1=-8\r\n\r\n\xc3\xa9",
    "punycode": text("punycode", b"a-" * 1000),
    "undefined codec": text("undefined", b"abc"),
    "hex codec": text("hex", b"616263"),
    "UTF-16 of odd length": text("utf-16", "été".encode("utf-16")[:-1]),
    "UTF-7 surrogate": text("utf-7", b"+2AA- abc"),
    "Shift JIS": text("shift_jis", "ファイル".encode("shift_jis")),
    "GB2312 label": text("gb2312", "文件㐀".encode("gb18030")),
    "NULs": text("utf-8", b"a\x00b\x00"),
    "byte order mark": text("utf-8", b"\xef\xbb\xbfabc"),
    "emoji": text("utf-8", "🎉👨\u200d👩\u200d👧".encode()),
    "base64 with junk": text("utf-8", b"!!Ym9u\r\n?am91\xff cg==\r\n-- \r\nfooter", "base64"),
    "base64 of bad length": text("utf-8", b"Ym9uam91c", "base64"),
    "base64 that is text": text("utf-8", b"Bonjour, ceci n'est pas du base64.", "base64"),
    "bad quoted-printable": text("utf-8", b"a=ZZ b=C3 c==\r\n =E", "quoted-printable"),
    "unknown encoding": text("utf-8", b"abc", "x-rot13"),
    "encoding with rubbish": text("utf-8", b"YWJj", " BASE64 ; x=y"),
    "type without a slash": b"Content-Type: text\r\n\r\nabc",
    "empty type": b"Content-Type:\r\n\r\nabc",
    "type that is rubbish": b'Content-Type: ;;;="\\\r\n\r\nabc',
    "no space after commas": b"Content-type:TEXT/HTML;CHARSET=UTF-8\r\n\r\n<b>abc</b>",
    "unclosed tags": text("utf-8", b"<div><a href='x><script>abc", subtype="html"),
    "endless character number": text("utf-8", b"&#" + b"1" * 5000 + b"; abc", subtype="html"),
    "format=flowed": b"Content-Type: text/plain; format=flowed\r\n\r\na \r\nb \r\n\r\n-- \r\nc",
    "yEnc": b"\r\n=ybegin line=128 size=3 name=a.bin\r\n" + bytes(range(256)) + b"\r\n=yend\r\n",
    "uuencode": b"\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n",
}

MAILS: dict[str, bytes] = {
    **HEADERS, **CONTENTS, **STRUCTURES, **REPORTED, **FAMILIES, "good": GOOD,
}  # fmt: skip


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - to be repeated, not to be secret


def cut(mail: bytes, rng: random.Random) -> bytes:
    return mail[: rng.randrange(len(mail) + 1)]


def drop_slice(mail: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(mail) + 1)
    return mail[:start] + mail[start + rng.randrange(50) :]


def flip_bytes(mail: bytes, rng: random.Random) -> bytes:
    changed = bytearray(mail)
    for _ in range(min(len(changed), 10)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def insert_junk(mail: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(mail) + 1)
    return mail[:start] + rng.randbytes(20) + mail[start:]


def repeat_slice(mail: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(mail) + 1)
    end = start + rng.randrange(100)
    return mail[:end] + mail[start:end] * 3 + mail[end:]


def shuffle_lines(mail: bytes, rng: random.Random) -> bytes:
    lines = mail.splitlines(keepends=True)[:2000]
    rng.shuffle(lines)
    return b"".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    cut,
    drop_slice,
    flip_bytes,
    insert_junk,
    repeat_slice,
    shuffle_lines,
)
