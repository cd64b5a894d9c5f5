"""Mails whose MIME structure is broken, odd or hostile."""

from __future__ import annotations

PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour</p>\r\n"
PDF = (
    b'Content-Type: application/pdf; name="plan.pdf"\r\n'
    b'Content-Disposition: attachment; filename="plan.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n"
)


def multipart(*parts: bytes, subtype: str = "mixed", boundary: str = "b1") -> bytes:
    """A well-formed multipart, its own header in front."""
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    line = b"--" + boundary.encode()
    return head + b"".join(line + b"\r\n" + part for part in parts) + line + b"--\r\n"


def nested(depth: int) -> bytes:
    mail = PLAIN
    for level in range(depth):
        mail = multipart(mail, boundary=f"level-{level}-")
    return mail


def attached(name: bytes) -> bytes:
    return (
        b"Content-Type: application/zip\r\nContent-Disposition: attachment; " + name + b"\r\n\r\n"
    )


RFC822 = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n"

STRUCTURES = {
    "alternative": multipart(PLAIN, HTML, subtype="alternative"),
    "preamble and epilogue": multipart(PLAIN).replace(b"\r\n\r\n--", b"\r\n\r\npreamble\r\n--", 1)
    + b"epilogue\r\n",
    "no closing boundary": multipart(PLAIN, HTML).rpartition(b"--b1--")[0],
    "boundary that never comes": b"Content-Type: multipart/mixed; boundary=none\r\n\r\ntext\r\n",
    "no boundary declared": b"Content-Type: multipart/mixed\r\n\r\n--b1\r\n\r\ntext\r\n--b1--\r\n",
    "empty boundary": b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\na\r\n----\r\n',
    "boundary of dashes": multipart(PLAIN, boundary="--"),
    "boundary with spaces after": multipart(PLAIN).replace(b"--b1\r\n", b"--b1  \t\r\n"),
    "boundary with regex letters": multipart(PLAIN, boundary="(.*)+[a]?$"),
    "boundary in eight bits": multipart(PLAIN, boundary="é"),
    "boundary in pieces": b"Content-Type: multipart/mixed; boundary*0=b; boundary*1=1\r\n\r\n"
    b"--b1\r\n\r\ntext\r\n--b1--\r\n",
    "very long boundary": multipart(PLAIN, boundary="b" * 5000),
    "boundary that begins another": multipart(
        multipart(PLAIN, boundary="b12"), HTML, boundary="b1"
    ),
    "one boundary for two levels": multipart(multipart(PLAIN), HTML),
    "inner multipart left open": multipart(
        multipart(PLAIN, boundary="in").rpartition(b"--in--")[0], HTML
    ),
    "part without a blank line": multipart(b"Content-Type: text/plain\r\n", HTML),
    "part that is empty": multipart(b"\r\n", HTML),
    "part that is nothing": multipart(b"", HTML),
    "multipart without parts": b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1--\r\n",
    "closing boundary first": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n--b\r\n",
    "quoted-printable multipart": b"Content-Transfer-Encoding: quoted-printable\r\n"
    + multipart(PLAIN),
    "40 levels": nested(40),
    "400 levels": nested(400),
    "1,000 parts": multipart(*[PLAIN] * 1000),
    "1,000 empty parts": multipart(*[b""] * 1000),
    "digest": multipart(b"\r\nSubject: inner\r\n\r\ninner text\r\n", subtype="digest"),
    "forwarded mail": multipart(PLAIN, RFC822),
    "nested forwarded mails": multipart(PLAIN, RFC822.replace(b"inner text", RFC822)),
    "only a forwarded mail": RFC822,
    "only a PDF": PDF,
    "attachment": multipart(PLAIN, PDF),
    "attached text": multipart(PLAIN, attached(b"filename=a.txt").replace(b"zip", b"plain") + b"x"),
    "unnamed attachment": multipart(PLAIN, b"Content-Type: application/octet-stream\r\n\r\nx\r\n"),
    "name in eight bits": multipart(attached(b'filename="\xe9t\xe9.zip"')),
    "name in RFC 2231": multipart(attached(b"filename*=utf-8''%C3%A9t%C3%A9.zip")),
    "name in pieces": multipart(attached(b"filename*0*=utf-8''%C3%A9t; filename*1=e.zip")),
    "name in an encoded word": multipart(attached(b'filename="=?utf-8?q?=C3=A9t=C3=A9.zip?="')),
    "name with a line break": multipart(attached(b"filename*=utf-8''a%0D%0Ab.zip")),
    "name without a charset": multipart(attached(b"filename*=%C3%A9.zip; filename*x=1")),
    "picture in the signature": multipart(
        HTML,
        b"Content-Type: image/png; name=logo.png\r\nContent-Disposition: inline\r\n"
        b"Content-ID: <logo>\r\n\r\nx\r\n",
        subtype="related",
    ),
    "S/MIME": b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHA6CAMIACAQAxgg==\r\n",
    "signed": multipart(
        PLAIN, b"Content-Type: application/pgp-signature\r\n\r\nx\r\n", subtype="signed"
    ),
    "TNEF": multipart(
        PLAIN, b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22\r\n"
    ),
    "delivery report": multipart(
        PLAIN,
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        b"Content-Type: text/rfc822-headers\r\n\r\nSubject: x\r\n",
        subtype="report",
    ),
    "calendar invite": multipart(
        PLAIN,
        HTML,
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n",
        subtype="alternative",
    ),
    "partial message": b"Content-Type: message/partial; number=1; id=x\r\n\r\nSubject: a\r\n\r\nb",
    "external body": b"Content-Type: message/external-body; access-type=x\r\n\r\nSubject: a\r\n",
    "only a picture": b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n",
}
