"""Mails on which parsers are known to have broken: each shape was met in the wild."""

from __future__ import annotations

from tests.polling.nasty_structures import HTML, PLAIN, multipart


def _with(field: bytes, body: bytes = b"text\r\n") -> bytes:
    return b"From: a@studio.example\r\n" + field + b"\r\n\r\n" + body


def _type(value: bytes, body: bytes = b"text\r\n") -> bytes:
    return _with(b"Content-Type: " + value, body)


REPORTED = {
    "boundary with equals signs and no quotes": _type(
        b"multipart/mixed; boundary===--27--16--==",
        b"--==--27--16--==\r\n" + PLAIN + b"--==--27--16--==--\r\n",
    ),
    "multipart in an encoding that cannot be": b"Content-Transfer-Encoding: base64\r\n"
    + multipart(PLAIN, HTML),
    "encoding field in eight bits": _with(b"Content-Transfer-Encoding: \xe9\xff", b"abc"),
    "encoding with a comma": _with(b"Content-Transfer-Encoding: 7bit, 8bit", b"abc"),
    "type of eight bits": _type(b"\xf4\xf5/plain; charset=\xe9"),
    "message id of brackets": _with(b"Message-ID: <[a].1c.55IN_[b]@[c].example>"),
    "message id without a domain": _with(b"Message-ID: A2019@42_A2019@"),
    "message id of a closing bracket": _with(b"Message-ID: >"),
    "message id of two lines": _with(b"Message-ID:\r\n <long@studio.example>"),
    "encoded word of a line break": _with(b"From: =?utf-8?q?=0A?= <b@studio.example>"),
    "encoded word with a tab": _with(b"Subject: a =?ISO-8859-1?Q\t?compl=E9ter=20?=sur votre"),
    "encoded word cut by a fold": _with(b"Subject: =?utf-8?q?abc\r\n =C3=A9?="),
    "encoded words of one letter": _with(b"Subject: " + b"=?us-ascii?q?9a?=\r\n " * 400),
    "encoded word of a strange language": _with(b"Subject: =?utf-8*fr?q?=C3=A9t=C3=A9?="),
    "encoded word with no charset": _with(b"Subject: =??q?abc?="),
    "encoded word with no text": _with(b"Subject: =?utf-8?b??= =?utf-8?q??="),
    "encoded words glued together": _with(b"Subject: =?utf-8?q?a?==?utf-8?q?b?="),
    "parameter whose name ends in a star": _type(b"text/plain; name*"),
    "parameter of stars": _type(b"text/plain; name*0*; name**=x; *=; name*0*=''; name*a*=b"),
    "parameter pieces out of order": _type(b"application/zip; name*2=c; name*0=a; name*1=b"),
    "parameter pieces with a hole": _type(b"application/zip; name*0=a; name*7=b"),
    "parameter piece of a huge number": _type(b"application/zip; name*99999999999999999999=a"),
    "extended value of an unknown charset": _type(b"application/zip; name*=x-none''%E9%"),
    "extended value of a bad escape": _type(b"application/zip; name*=utf-8''%zz%C3"),
    "semicolons without parameters": _type(b"text/plain" + b";" * 5_000),
    "charset of two words": _type(b'utf-8\tcharset="iso-8859-1"'),
    "charset of a quote": _type(b'text/plain; charset="', b"\xe9t\xe9"),
    "charset of nothing": _type(b"text/plain; charset=", b"\xe9t\xe9"),
    "charset that is called unknown": _type(b"text/plain; charset=unknown", b"\xe9t\xe9"),
    "charset with a comment": _type(b"text/plain; charset=us-ascii (Plain text)"),
    "charset in single quotes": _type(b"text/plain; charset='utf-8'", "été".encode()),
    "charset with a path": _type(b"text/plain; charset=../../etc/passwd"),
    "charset of a codec that executes": _type(b"text/plain; charset=unicode_escape", b"\\N{x}"),
    "charset of raw escapes": _type(b"text/plain; charset=raw-unicode-escape", b"\\Uffffffff"),
    "charset idna": _type(b"text/plain; charset=idna", b"xn--" + b"a." * 3000),
    "two fields on one line": _type(
        b'text/plain; charset = "iso-8859-1" Content-Transfer-Encoding: 8bit', b"\xe9"
    ),
    "backslashes in the body": _with(b"X-A: b", b'1. Website "\\upload site\\public_html"\r\n'),
    "first line that is no field": b"Mail Internet Headers Version 2.0\r\n" + _with(b"X-A: b"),
    "first line of base64": b"AdMgkmhqf2IeNew7j+gA8L5jAnlGoCpH/edixmG0QjnMS5==\r\n" + PLAIN,
    "field name that is missing": b" <a@studio.example>\r\nTo: b@studio.example\r\n\r\ntext",
    "field with a NUL": _with(b"Subject: a\x00b"),
    "blank line of spaces in the header": b"Subject: a\r\n   \r\nFrom: b@studio.example\r\n\r\nx",
    "field after a fold of nothing": b"Subject: a\r\n \r\nFrom: b@studio.example\r\n\r\nx",
    "open address": _with(b'Reply-To: "Name" <'),
    "address of a colon": _with(b"From: (c):"),
    "address of a colon and more": _with(b"From: (x): a@b.example;"),
    "address of commas": _with(b"From: ,,,,,a@studio.example,,"),
    "address with a route": _with(b"From: <@relay.example:zoe@studio.example>"),
    "address with two signs": _with(b"From: zoe@home@studio.example"),
    "address with a quote inside": _with(b'From: "Zo"e" <zoe@studio.example>'),
    "address of raw Cyrillic": _with(b'From: "\xdd\xca\xc2\xc0" <a@studio.example>'),
    "address in full-width letters": _with("From: zoe＠studio.example".encode()),
    "address with a comment in it": _with(b"From: zoe(comment)@studio.example(more)"),
    "address of another alphabet": _with("From: zoé@été.example".encode()),
    "address behind another": _with(b'From: "boss@studio.example" <mallory@evil.example>'),
    "several senders": _with(b"From: a@studio.example, b@studio.example"),
    "date that is none": _with(b"Date: yesterday at 25:61"),
    "date of the year zero": _with(b"Date: Fri, 00 Foo 0000 99:99:99 +9999"),
    "boundary twice in a row": multipart(PLAIN, b"--b1\r\n", HTML),
    "boundary in the text": multipart(PLAIN.replace(b"Bonjour", b"see --b1 and -- b1"), HTML),
    "the body begins like a header": multipart(
        b"\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nx\r\n"
    ),
    "attachment without an end": multipart(PLAIN, PLAIN).rpartition(b"\r\n--b1--")[0],
    "header that ends with the mail": b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n"
    b"Content-Type: text/plain",
    "calendar as a second text": multipart(
        PLAIN, b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n", subtype="mixed"
    ),
    "bounce of a bounce": multipart(
        PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + multipart(PLAIN), subtype="report"
    ),
    "quoted-printable with bare line ends": _with(
        b"Content-Transfer-Encoding: quoted-printable", b"a=\nb=\rc=\r\nd=20\t \r\n="
    ),
    "base64 in one line": _with(b"Content-Transfer-Encoding: base64", b"QUJD" * 30_000),
    "base64 with padding in the middle": _with(
        b"Content-Transfer-Encoding: base64", b"QQ==QUI=QUJD====QQ"
    ),
    "uuencode as an encoding": _with(
        b"Content-Transfer-Encoding: x-uuencode", b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n"
    ),
}
