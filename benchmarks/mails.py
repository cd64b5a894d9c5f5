"""Mails as they come: the same arguments make the same bytes.

Each has a token of its own in subject, Message-ID and link, by which its webhook is known again.
They carry the trace headers of three hops and a signature, as real ones do, and their texts come
plain, as HTML or as both, in each of the usual encodings.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache

TOKEN = re.compile(rb"lot-[0-9a-f]{8}")
SENDERS = ("studio@nord.example", "atelier@lumen.example", "export@montage.example")
OTHERS = ("lettre@boutique.example", "facture@fournisseur.example", "alerte@sonde.example")
ENCODINGS = ("quoted-printable", "base64", "8bit")
NAMES = ("Livraison", "Équipe Montage", "Zoé Lefèvre", "Paul Martin")
TEXT = (
    "le dossier complet de ce tournage est en ligne pour votre équipe avec les images les sons "
    "et la version étalonnée merci de confirmer après réception à demain bonne journée déjà prêt"
)
WORDS = TEXT.split()
PROVIDERS = (
    "https://www.dropbox.com/scl/fo/{token}/AK{id}?rlkey={id}&dl=0",
    "https://fromsmash.com/{token}-{id}",
    "https://www.swisstransfer.com/d/{token}-{id}",
)
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
ARCHIVE = b"(the archive)"
LF = policy.SMTP.clone(linesep="\n")


@dataclass(frozen=True)
class Mail:
    token: str
    link: str
    """Empty for one that is none of the relay's business."""
    raw: bytes


@dataclass(frozen=True)
class Kind:
    """interesting and attached are parts of the whole; sizes in MB, before base64."""

    interesting: float = 1.0
    attached: float = 0.0
    megabytes: tuple[float, float] = (0.0, 0.0)
    senders: tuple[str, ...] = SENDERS


def make(count: int, kind: Kind, seed: str) -> Iterator[Mail]:
    """They end with LF, as in a Maildir."""
    rng = random.Random(seed)
    for number in range(count):
        yield _mail(rng, number, kind)


def _mail(rng: random.Random, number: int, kind: Kind) -> Mail:
    token = f"lot-{rng.getrandbits(32):08x}"
    wanted = rng.random() < kind.interesting
    sender, when = rng.choice(kind.senders if wanted else OTHERS), BEGIN + timedelta(minutes=number)
    link = rng.choice(PROVIDERS).format(token=token, id=_id(rng, 20)) if wanted else ""
    mail = EmailMessage(policy=LF)
    mail["From"] = Address(rng.choice(NAMES), addr_spec=sender)
    mail["To"] = "relay@mail.example"
    mail["Subject"] = f"{_words(rng, 4).capitalize()} ({token})"
    mail["Date"] = when
    mail["Message-ID"] = f"<{token}.{_id(rng, 10)}@{sender.partition('@')[2]}>"
    _write_text(mail, rng, link)
    archive = b""
    if rng.random() < kind.attached:
        archive = _archive(int(rng.uniform(*kind.megabytes) * 1_000_000))
        _attach(mail)
    for place, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{token}_{place}")
    # To write it last saves the generator from looking through megabytes.
    raw = mail.as_bytes().replace(ARCHIVE, archive)
    return Mail(token, link, _trace(rng, sender, when) + raw)


def _write_text(mail: EmailMessage, rng: random.Random, link: str) -> None:
    text = "\n\n".join(_words(rng, rng.randint(20, 60)) for _ in range(rng.randint(1, 3)))
    text = f"Bonjour,\n\n{text}\n\n{link}\n"
    form, encoding = rng.choice(["plain", "plain", "both", "html"]), rng.choice(ENCODINGS)
    page = _page(rng, link, rng.randint(2, 10))
    if form == "html":
        mail.set_content(page, subtype="html", cte="quoted-printable")
        return
    mail.set_content(text, cte=encoding)
    if form == "both":
        mail.add_alternative(page, subtype="html", cte="quoted-printable")


def _page(rng: random.Random, link: str, rows: int) -> str:
    """HTML as newsletter programs write it, with more style than text."""
    style = "font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:22px;color:#222222"
    cells = "\n".join(
        f'<tr><td style="padding:10px 20px;{style}">{_words(rng, 30)}'
        f'<img src="https://images.example/{_id(rng, 16)}.png" width="540" alt=""></td></tr>'
        for _ in range(rows)
    )
    anchor = f'<tr><td><a href="{link.replace("&", "&amp;")}">Télécharger</a></td></tr>'
    return f"<html><body><table>\n{anchor if link else ''}\n{cells}\n</table></body></html>\n"


def _attach(mail: EmailMessage) -> None:
    part = EmailMessage(policy=LF)
    part["Content-Type"] = 'application/zip; name="lot.zip"'
    part["Content-Disposition"] = 'attachment; filename="lot.zip"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(ARCHIVE.decode())
    mail.make_mixed()
    mail.attach(part)


@lru_cache(maxsize=2)
def _archive(size: int) -> bytes:
    """In base64, of what no compression makes smaller."""
    return base64.encodebytes(random.Random(size).randbytes(size)).rstrip(b"\n")


def _trace(rng: random.Random, sender: str, when: datetime) -> bytes:
    domain = sender.partition("@")[2]
    lines = []
    for hop in range(3):
        lines += [
            f"Received: from out{hop}.{domain} ([192.0.2.{rng.randrange(1, 255)}])",
            f"\tby mx{hop}.mail.example (Postfix) with ESMTPS id {_id(rng, 14)}",
            "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits));",
            f"\t{format_datetime(when + timedelta(seconds=hop))}",
        ]
    lines += [
        f"Authentication-Results: mx.mail.example; dkim=pass header.d={domain};",
        f"\tspf=pass smtp.mailfrom={sender}; dmarc=pass (p=reject)",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail;",
        f"\th=from:to:subject:date:message-id; bh={_id(rng, 43)}=;",
        *(f"\t{'b=' if row == 0 else ''}{_id(rng, 68)}" for row in range(5)),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(WORDS, k=count))


def _id(rng: random.Random, length: int) -> str:
    return "".join(rng.choices("abcdefghjkmnpqrstuvwxyz23456789", k=length))
