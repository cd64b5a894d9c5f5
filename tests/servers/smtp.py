"""A mail server that keeps what it gets, over TLS, STARTTLS or neither."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from tests.servers.certificates import Certificates
from tests.servers.loop import LoopThread, reset
from tests.servers.ports import HOST

Security = Literal["tls", "starttls", "none"]
LOGIN = "relay", "s3cret-of-the-mail"


@dataclass(frozen=True)
class Mail:
    """encrypted, login: how the sender came in."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool
    login: str

    @property
    def text(self) -> str:
        return str(self.message.get_content())


class SmtpServer:
    """replies overrides what is answered to a command, or to the recipient of that address; ""
    hangs, and None hangs up. drip is the seconds between two bytes of each reply."""

    def __init__(self, certificates: Certificates, security: Security = "tls") -> None:
        self.security = security
        self.replies: dict[str, str | None] = {}
        self.drip = 0.0
        self.connections = 0
        self._arrived = threading.Condition()
        self._mails: list[Mail] = []
        self._context = certificates.server_context()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = LoopThread("smtp")
        tls = self._context if security == "tls" else None
        self._server = self._loop.run(self._listen(tls))
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """As ALERT_SMTP_URL."""
        scheme = "smtps" if self.security == "tls" else "smtp"
        return f"{scheme}://{LOGIN[0]}:{LOGIN[1]}@{HOST}:{self.port}"

    @property
    def mails(self) -> list[Mail]:
        with self._arrived:
            return self._mails[:]

    def wait_for(self, count: int, timeout: float = 20.0) -> list[Mail]:
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self._mails) >= count, timeout)
            assert arrived, f"{len(self._mails)} of {count} mails within {timeout} s"
            return self._mails[:]

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _listen(self, context: ssl.SSLContext | None) -> asyncio.Server:
        return await asyncio.start_server(self._serve, HOST, 0, ssl=context)

    async def _stop(self) -> None:
        self._server.close()
        for writer in list(self._writers):
            reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError, ConnectionError):
            await _Conversation(self, reader, writer).run()
        self._writers.discard(writer)
        writer.close()

    def keep(self, mail: Mail) -> None:
        with self._arrived:
            self._mails.append(mail)
            self._arrived.notify_all()

    @property
    def context(self) -> ssl.SSLContext:
        return self._context


class _Conversation:
    def __init__(
        self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._encrypted = server.security == "tls"
        self._login = self._sender = ""
        self._recipients: list[str] = []

    async def run(self) -> None:
        """Raises EOFError when it is over."""
        await self._say("CONNECT", "220 mail.invalid ready")
        while line := await self._reader.readline():
            command = line.decode("ascii").strip()
            await self._answer(command.split(" ")[0].upper(), command)

    async def _answer(self, verb: str, command: str) -> None:
        match verb:
            case "EHLO":
                await self._say(verb, *self._greeting())
            case "STARTTLS":
                await self._say(verb, "220 go on")
                await self._writer.start_tls(self._server.context)
                self._encrypted = True
            case "AUTH":
                wanted = base64.b64encode(f"\0{LOGIN[0]}\0{LOGIN[1]}".encode()).decode()
                self._login = LOGIN[0] if command == f"AUTH PLAIN {wanted}" else ""
                await self._say(verb, "235 welcome" if self._login else "535 no")
            case "MAIL":
                self._sender, self._recipients = _address(command), []
                await self._say(verb, "250 fine")
            case "RCPT":
                address = _address(command)
                refused = address in self._server.replies
                self._recipients += [] if refused else [address]
                await self._say(address if refused else verb, "250 fine")
            case "DATA":
                await self._take()
            case "QUIT":
                await self._say(verb, "221 bye")
                raise EOFError
            case _:
                await self._say(verb, "250 fine")

    def _greeting(self) -> list[str]:
        if self._server.security == "starttls" and not self._encrypted:
            return ["250-mail.invalid", "250 STARTTLS"]
        return ["250-mail.invalid", "250 AUTH PLAIN"]

    async def _take(self) -> None:
        await self._say("DATA", "354 go on")
        if "DATA" in self._server.replies:
            return
        data = b""
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                raise EOFError
            data += line.removeprefix(b".") if line.startswith(b"..") else line
        message = message_from_bytes(data.replace(b"\r\n", b"\n"), policy=policy.default)
        mail = Mail(self._sender, self._recipients, message, self._encrypted, self._login)
        self._server.keep(mail)
        await self._say("MESSAGE", "250 taken")

    async def _say(self, verb: str, *lines: str) -> None:
        reply = self._server.replies.get(verb, lines)
        if reply is None:
            raise EOFError
        if not reply:
            await asyncio.Event().wait()
        lines = (reply,) if isinstance(reply, str) else reply
        data = "".join(f"{line}\r\n" for line in lines).encode()
        for piece in [bytes([byte]) for byte in data] if self._server.drip else [data]:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(self._server.drip)


def _address(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]
