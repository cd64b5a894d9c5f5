"""A private Dovecot: IMAP with STARTTLS on one port, IMAPS on another."""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import imapclient
from imapclient.exceptions import IMAPClientError

from tests.servers.certificates import Certificates
from tests.servers.dovecot_conf import OAUTH2_CONF_2_3, configuration
from tests.servers.ports import HOST, free_port, wait_port
from tests.servers.process import end, start

HOW = "Real Dovecot is missing: install dovecot-imapd (Debian) or dovecot (brew)."
UIDLIST_HEADER = re.compile(r"\bV(\d+)\b")


def dovecot_binary() -> str | None:
    """Debian keeps it where the PATH of a plain user does not look."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which("dovecot", path=path)


class Dovecot:
    """Any user name may log in with `password`; a mailbox is made when it is first used. With an
    introspection_url there are no passwords: only a token that is active there logs in."""

    password = "s3cret-of-dovecot"  # noqa: S105

    def __init__(
        self,
        binary: str,
        folder: Path,
        certificates: Certificates,
        max_connections: int = 20,
        introspection_url: str = "",
    ) -> None:
        self.port = free_port()
        self.tls_port = free_port()
        self.folder = folder
        self.ca_file = certificates.ca_file
        self._binary = binary
        self._names = itertools.count()
        self._root = os.geteuid() == 0
        # Dovecot refuses to serve the mails of root.
        self._account = pwd.getpwnam("nobody") if self._root else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_out(certificates, max_connections, introspection_url)
        self.start()

    @property
    def pid(self) -> int:
        assert self._process, "the server is stopped"
        return self._process.pid

    def start(self) -> None:
        if self._process is not None:
            return
        with (self.folder / "start.log").open("ab") as log:
            # Asked to stop rather than killed: its children are not ours to end.
            process = start(
                [self._binary, "-F", "-c", str(self.folder / "dovecot.conf")],
                output=log,
                when_orphaned=signal.SIGTERM,
            )
        self._process = process
        for port in (self.port, self.tls_port):
            wait_port(port, alive=lambda: process.poll() is None)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, user: str, *, tls: bool = False) -> imapclient.IMAPClient:
        """Logged in; `with` logs out."""
        context = Certificates.trusting(self.ca_file) if tls else None
        port = self.tls_port if tls else self.port
        client = imapclient.IMAPClient(HOST, port, ssl=tls, ssl_context=context, timeout=10)
        # Nagle's algorithm would hold each APPEND back for 40 ms.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client.login(user, self.password)
        except IMAPClientError:
            client.shutdown()
            raise
        return client

    def append(
        self, user: str, raw: bytes, flags: Sequence[str] = (), folder: str = "INBOX"
    ) -> int:
        """Through IMAP, as a mail server does. Gives the UID."""
        with self.client(user) as client:
            answer = client.append(folder, raw, flags)
        return int(answer.partition(b"]")[0].split()[-1])

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    def drop(self, user: str, mails: Iterable[bytes]) -> None:
        """Put many mails straight into the folder of new ones: the fastest way there is."""
        home = self.maildir(user)
        self._make_maildir(home)
        for raw in mails:
            name = f"{int(time.time())}.{os.getpid()}_{next(self._names)}.test"
            waiting = home / "tmp" / name
            waiting.write_bytes(raw)
            self._give_away(waiting)
            waiting.rename(home / "new" / name)

    def link_mails(self, user: str, to: str) -> None:
        """The new mails of one user for another, too, at no cost: they are the same files."""
        self._make_maildir(self.maildir(to))
        for mail in (self.maildir(user) / "new").iterdir():
            os.link(mail, self.maildir(to) / "new" / mail.name)

    def set_uidvalidity(self, user: str, value: int) -> None:
        """The UIDs stay, their promise is another. Nobody should be logged in meanwhile."""
        uidlist = self.maildir(user) / "dovecot-uidlist"
        header, newline, rest = uidlist.read_text().partition("\n")
        uidlist.write_text(UIDLIST_HEADER.sub(f"V{value}", header) + newline + rest)
        self._forget_index(user)

    def forget_uidlist(self, user: str) -> None:
        """What a restored or moved mailbox looks like: new UIDs under a new UIDVALIDITY."""
        (self.maildir(user) / "dovecot-uidlist").unlink(missing_ok=True)
        self._forget_index(user)

    def _forget_index(self, user: str) -> None:
        for index in self.maildir(user).glob("dovecot.index*"):
            index.unlink()

    def _lay_out(
        self, certificates: Certificates, max_connections: int, introspection_url: str
    ) -> None:
        for folder in (self.folder / "run", self.folder / "mail"):
            folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self._give_away(self.folder / "mail")
        command = [self._binary, "--version"]
        version = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        text = configuration(
            version.split()[0],
            account=self._account.pw_name,
            group=grp.getgrgid(self._account.pw_gid).gr_name,
            root=self._root,
            folder=self.folder,
            max_connections=max_connections,
            port=self.port,
            tls_port=self.tls_port,
            cert_file=certificates.cert_file,
            key_file=certificates.key_file,
            password=self.password,
            uid=self._account.pw_uid,
            gid=self._account.pw_gid,
            introspection_url=introspection_url,
        )
        oauth2 = OAUTH2_CONF_2_3.format(introspection_url=introspection_url)
        (self.folder / "oauth2.conf").write_text(oauth2)
        (self.folder / "dovecot.conf").write_text(text)

    def _make_maildir(self, home: Path) -> None:
        for folder in (home, *(home / name for name in ("cur", "new", "tmp"))):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                self._give_away(folder)

    def _give_away(self, path: Path) -> None:
        if self._root:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
