"""One user's mailbox on the Dovecot of the session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from email.message import Message
from pathlib import Path

import imapclient

from tests.servers.dovecot import Dovecot
from tests.servers.ports import HOST

Mail = bytes | Message


class Mailbox:
    host = HOST

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server = server
        self.user = user
        self.password = server.password
        self.port = server.port
        self.tls_port = server.tls_port
        self.ca_file = server.ca_file
        self.heads: list[bytes] = []  # of all mails that came

    def environment(self, port: int | None = None, *, tls: bool = False) -> dict[str, str]:
        """What points the product at it; another port is that of a proxy in front."""
        return {
            "EMAIL_ADDRESS": self.user,
            "EMAIL_PASSWORD": self.password,
            "IMAP_SERVER": self.host,
            "IMAP_PORT": str(port or (self.tls_port if tls else self.port)),
            "IMAP_USE_SSL": str(tls).lower(),
        }

    def document(self, port: int | None = None, **fields: object) -> dict[str, object]:
        """The same as fields of polling_config."""
        return {
            "imap_host": self.host,
            "imap_port": port or self.port,
            "imap_security": "none",
            "imap_user": self.user,
            "imap_password": self.password,
            **fields,
        }

    def append(self, mail: Mail, flags: Sequence[str] = (), folder: str = "INBOX") -> int:
        """Gives the UID."""
        return self.server.append(self.user, self._noted(mail), flags, folder)

    def drop(self, mails: Iterable[Mail]) -> None:
        self.server.drop(self.user, map(self._noted, mails))

    def client(self, *, tls: bool = False) -> imapclient.IMAPClient:
        return self.server.client(self.user, tls=tls)

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        """UID to flags and keywords, read without setting any."""
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["FLAGS"])
        return {uid: {flag.decode() for flag in data[b"FLAGS"]} for uid, data in found.items()}

    def mark(self, uid: int, flag: str) -> None:
        """As another mail client does it."""
        with self.client() as client:
            client.select_folder("INBOX")
            client.add_flags([uid], [flag])

    def expunge(self, uid: int) -> None:
        with self.client() as client:
            client.select_folder("INBOX")
            client.delete_messages([uid])
            client.expunge()

    def uids(self, criteria: str = "ALL", folder: str = "INBOX") -> list[int]:
        with self.client() as client:
            client.select_folder(folder, readonly=True)
            return list(client.search(criteria))

    def uidvalidity(self, folder: str = "INBOX") -> int:
        with self.client() as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def create_folder(self, folder: str) -> None:
        with self.client() as client:
            client.create_folder(folder)

    def set_uidvalidity(self, value: int) -> None:
        self.server.set_uidvalidity(self.user, value)

    def forget_uidlist(self) -> None:
        self.server.forget_uidlist(self.user)

    @property
    def maildir(self) -> Path:
        return self.server.maildir(self.user)

    def _noted(self, mail: Mail) -> bytes:
        raw = _raw(mail)
        self.heads.append(raw.partition(b"\r\n\r\n")[0])
        return raw


def _raw(mail: Mail) -> bytes:
    """IMAP wants CRLF; tests write \\n."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
