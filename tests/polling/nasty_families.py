"""Nasty mails by the hundred: each family is one fault in all its places."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterator

from tests.polling.nasty_structures import HTML, PDF, PLAIN, RFC822, attached, multipart

CHARSETS = (
    "utf-8", "UTF8", "utf-16", "utf-16le", "utf-32", "utf-7", "iso-8859-1", "iso-8859-8-i",
    "windows-1252", "cp1252", "macintosh", "koi8-r", "big5", "gb2312", "gbk", "gb18030", "hz",
    "iso-2022-jp", "iso-2022-kr", "shift_jis", "euc-kr", "ks_c_5601-1987", "tis-620", "ibm850",
    "ansi_x3.110-1983", "x-user-defined", "x-mac-roman", "binary", "8bit", "default", "none",
)  # fmt: skip
TEXT = "Été, 文件, файл, 🎉 and plain."
CONTENTS = {
    "as declared": None,
    "as UTF-8": TEXT.encode(),
    "as rubbish": bytes(range(128, 256)) + b" plain",
    "cut": TEXT.encode("utf-16")[:-1],
}
FIELDS = ("Subject", "From", "Message-ID", "Date", "Content-Type", "Content-Disposition")
VALUES = {
    "nothing": b"",
    "spaces": b" \t ",
    "a NUL": b"a\x00b",
    "eight bits": b"\xe9\xff\xfe",
    "a fold": b"a\r\n b",
    "a fold of nothing": b"\r\n \r\n b",
    "a bare CR": b"a\rb",
    "an open quote": b'a; b="c',
    "an open bracket": b"a <b",
    "an open comment": b"a (b (c",
    "backslashes": b"\\" * 999,
    "a bad word": b"=?utf-8?x?abc?= =?",
    "a word of NULs": b"=?utf-8?q?=00=00?=",
    "a word of surrogates": b"=?utf-16?b?2AA=?=",
    "very much": b"a;b=c, <d@e> " * 3000,
    "no spaces at all": b"a" * 70_000,
}
BOUNDARIES = (
    "b", "-", "--", "---", " b", "b ", "b--", "--b", "=_=", "b;c", "b\tc", "'b'", "b\\b", "<b>",
    "b" * 70, "b" * 71, "été", "$(b)", "[b]", "b=20", "b?c", "0", ":",
)  # fmt: skip
LINE_ENDS = {"CRLF": b"\r\n", "LF": b"\n", "CR": b"\r", "CRCRLF": b"\r\r\n", "LFCR": b"\n\r"}
HTMLS = {
    "nothing": b"",
    "an open tag": b"<a href=",
    "an open comment": b"<!-- text",
    "an open script": b"<script>alert(1)",
    "an open style in a comment": b"<!--><style>a",
    "a conditional comment": b"<!--[if mso]>a<![endif]-->b",
    "a closing tag only": b"</div>text</p>",
    "tags without an end": b"<b" * 20_000,
    "brackets": b"<" * 50_000,
    "entities without an end": b"&amp" * 20_000,
    "entities that are none": b"&nope; &#; &#x; &#xffffffff; &#0; &#xd800;",
    "a frame in CDATA": b"<![CDATA[a]]>b",
    "attributes twice": b"<a href='https://fromsmash.com/a' href=b>c</a>",
    "attributes without quotes": b"<a href=https://fromsmash.com/a>c</a>",
    "a link over lines": b"<a\nhref='https://fromsmash.com/\na'>c</a>",
    "a link in upper case": b"<A HREF='HTTPS://FROMSMASH.COM/A'>c</A>",
    "deep tables": b"<table><tr><td>" * 5_000 + b"text",
    "deep and closed": b"<div>" * 5_000 + b"text" + b"</div>" * 5_000,
    "a byte order mark": b"\xef\xbb\xbf<p>a",
    "a declared charset": b"<meta charset=utf-16><p>\xe9t\xe9",
    "a template": b"<template>a</template><noscript>b</noscript>",
    "quotes in quotes": b"<a title='\"' href=\"'https://fromsmash.com/a'\">c",
    "NULs in tags": b"<\x00a href='https://fromsmash.com/a'>c</a\x00>",
    "a data link": b"<img src='data:image/png;base64," + b"QUJD" * 5_000 + b"'>",
    "plain text": b"no tag at all & no end",
}


def _charsets() -> Iterator[tuple[str, bytes]]:
    for charset in CHARSETS:
        for name, content in CONTENTS.items():
            raw = _encoded(TEXT, charset) if content is None else content
            encoding, body = ("base64", base64.encodebytes(raw)) if len(name) % 2 else ("8bit", raw)
            yield (
                f"charset {charset} {name}",
                (
                    f"Content-Type: text/plain; charset={charset}\r\n"
                    f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
                ).encode()
                + body,
            )


def _encoded(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except LookupError:
        return text.encode()


def _fields() -> Iterator[tuple[str, bytes]]:
    for field in FIELDS:
        for name, value in VALUES.items():
            line = field.encode() + b": " + value
            yield f"{field} of {name}", line + b"\r\n\r\ntext\r\n"


def _boundaries() -> Iterator[tuple[str, bytes]]:
    for boundary in BOUNDARIES:
        whole = multipart(PLAIN, HTML, PDF, boundary=boundary)
        yield f"boundary {boundary!r}", whole
        yield f"boundary {boundary!r} without quotes", whole.replace(b'"', b"", 2)


def _line_ends() -> Iterator[tuple[str, bytes]]:
    whole = multipart(PLAIN, multipart(HTML, PDF, boundary="in"), RFC822)
    for name, end in LINE_ENDS.items():
        yield f"line ends {name}", whole.replace(b"\r\n", end)
        yield f"line ends {name} in the header", whole.replace(b"\r\n", end, 2)
        yield f"line ends {name} after it", whole[:60] + whole[60:].replace(b"\r\n", end)


def _nestings() -> Iterator[tuple[str, bytes]]:
    for subtype in ("mixed", "alternative", "related", "signed", "report", "digest", "x-own", ""):
        inner = multipart(PLAIN, HTML, subtype=subtype or "mixed", boundary="in")
        outer = multipart(inner, PDF, attached(b"filename=a.zip") + b"x\r\n", subtype=subtype)
        yield f"nesting in {subtype!r}", outer
        yield f"nesting in {subtype!r} cut", outer[: len(outer) // 2]
        yield f"nesting in {subtype!r} in a mail", b"Content-Type: message/rfc822\r\n\r\n" + outer


def _encodings() -> Iterator[tuple[str, bytes]]:
    content = "Voilà : https://fromsmash.com/abc\r\n".encode() * 20
    written = {
        "base64": base64.encodebytes(content),
        "quoted-printable": quopri.encodestring(content),
        "7bit": content,
        "8BIT": content,
        "binary": content,
    }
    for encoding, body in written.items():
        head = f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        for name, changed in {
            "cut": body[: len(body) // 2 + 1],
            "with NULs": body.replace(b"a", b"\x00"),
            "with long lines": body.replace(b"\n", b"").replace(b"\r", b""),
            "with spaces": body.replace(b"\n", b" \t\n"),
            "with dots": body.replace(b"\n", b"\n.."),
            "twice": base64.encodebytes(body),
        }.items():
            yield f"{encoding} {name}", head + changed


def _htmls() -> Iterator[tuple[str, bytes]]:
    for name, html in HTMLS.items():
        yield f"HTML of {name}", b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html


FAMILIES = dict(
    mail
    for family in (_charsets, _fields, _boundaries, _line_ends, _nestings, _encodings, _htmls)
    for mail in family()
)
