"""The mails of the demo: what a film studio and its suppliers might send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

STUDIO = Address("Studio Nord – Livraisons", "livraison", "studio-nord.example")
LUMEN = Address("Lumen Films Post", "post", "lumen-films.example")
STRANGER = Address("Mega Deals", "offers", "mega-deals.example")
SENDERS_OF_INTEREST = (STUDIO.addr_spec, LUMEN.addr_spec)
ATTACHMENT_BYTES = 3_000_000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A mail and what should become of it: so many links relayed, or ignored, and why.

    charset is that of the text alone; attachment is a size in bytes; answers is the key of
    another mail by the same sender.
    """

    key: str
    sender: Address
    subject: str
    text: str
    html: str = ""
    charset: str = "utf-8"
    attachment: int = 0
    answers: str = ""
    links: int = 1
    ignored: str = ""

    def raw(self, to: str, run: str) -> bytes:
        """The mail as it would come over the wire, dated now. Another run is another mail."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = self.sender
        mail["To"] = to
        mail["Subject"] = self.subject
        mail["Date"] = datetime.now(UTC)
        mail["Message-ID"] = f"<{self.key}.{run}@{self.sender.domain}>"
        if self.answers:
            answered = f"<{self.answers}.{run}@{self.sender.domain}>"
            mail["In-Reply-To"] = mail["References"] = answered
        mail.set_content(self.text, charset=self.charset, cte="quoted-printable")
        if self.html:
            mail.add_alternative(self.html, subtype="html")
        if self.attachment:
            film = secrets.token_bytes(self.attachment)
            mail.add_attachment(film, maintype="video", subtype="mp4", filename="extrait.mp4")
        return mail.as_bytes()


# In the order in which they arrive.
SAMPLES = (
    Sample(
        key="lot-12",
        sender=STUDIO,
        subject="Livraison lot 12",
        text=(
            "Bonjour,\n\nLe lot 12 est prêt, tout est dans ce dossier :\n"
            "https://www.dropbox.com/scl/fo/h7lot12/AA?rlkey=k12&dl=0\n\n"
            "Bonne réception,\nStudio Nord\n"
        ),
    ),
    Sample(
        key="final-cut",
        sender=LUMEN,
        subject="Final cut: picture locked",
        text="The final cut is ready. Please open this mail as HTML.\n",
        html=(
            "<html><body><p>The <b>final cut</b> is ready: "
            '<a href="https://www.dropbox.com/scl/fi/q2/cut.mov?rlkey=l77&amp;dl=0">cut.mov</a> '
            "(4.1&nbsp;GB).</p></body></html>\n"
        ),
    ),
    Sample(
        key="camera",
        sender=STRANGER,
        subject="You have won a new camera",
        text="Download your prize: https://fromsmash.com/free-camera\n",
        links=0,
        ignored="its sender is not in the list",
    ),
    Sample(
        key="rushes",
        sender=LUMEN,
        subject="Rushes, day 8",
        text="Hi,\n\nday 8 is here for a week: https://fromsmash.com/Day8-rushes\n\nLumen\n",
    ),
    Sample(
        key="thanks",
        sender=STUDIO,
        subject="Re: Livraison lot 12",
        text=("Bien reçu, merci !\n\n> https://www.dropbox.com/scl/fo/h7lot12/AA?rlkey=k12&dl=0\n"),
        answers="lot-12",
        links=0,
        ignored="it is a reply",
    ),
    Sample(
        key="episode-3",
        sender=STUDIO,
        subject="Étalonnage : épisode 3, version à valider",
        text="Voici l'épisode 3 étalonné, à récupérer avant vendredi.\n",
        html=(
            "<p>Voici l'épisode&nbsp;3 étalonné, à récupérer avant vendredi&nbsp;:</p>\n"
            '<p><a href="https://www.swisstransfer.com/d/3f9a1c52-7b0e-4e4e-9d27-0a6c81b5e913">'
            "Télécharger</a></p>\n"
        ),
    ),
    Sample(
        key="trailer",
        sender=STUDIO,
        subject="Bande-annonce (extrait joint)",
        text=(
            "L'extrait est en pièce jointe, le master entier est ici :\n"
            "https://www.dropbox.com/scl/fi/z5/ba.mp4?rlkey=k5&dl=0\n"
        ),
        attachment=ATTACHMENT_BYTES,
    ),
    Sample(
        key="lot-13",
        sender=STUDIO,
        subject="Livraison lot 13, son et image",
        charset="iso-8859-1",
        text=(
            "L'image : https://www.dropbox.com/scl/fo/m4lot13/AA?rlkey=k13&dl=0\n"
            "Le son, déjà mixé : https://fromsmash.com/lot13-son\n"
        ),
        links=2,
    ),
)
