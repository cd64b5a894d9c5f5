"""Between pollers and their IMAP server: who was logged in to which mailbox, and when."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import math
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tests.servers.loop import LoopThread
from tests.servers.ports import HOST


@dataclass(eq=False)
class Visit:
    """From the login to the end of the connection, on the clock of time.monotonic()."""

    user: str
    began: float = field(default_factory=time.monotonic)
    ended: float = math.inf


class Wiretap:
    """A proxy in front of an IMAP port. What happens in this order on the side of the pollers
    is seen in this order: one end and one login at a time."""

    def __init__(self, upstream: int) -> None:
        self.visits: list[Visit] = []
        self._upstream = upstream
        self._loop = LoopThread("wiretap")
        self._server = self._loop.run(asyncio.start_server(self._serve, HOST, 0, backlog=512))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def open(self, user: str) -> int:
        return sum(visit.user == user and visit.ended == math.inf for visit in list(self.visits))

    def overlaps(self) -> list[tuple[Visit, Visit]]:
        """Visits of the same mailbox, the second begun before the first had ended."""
        by_user: dict[str, list[Visit]] = defaultdict(list)
        for visit in list(self.visits):
            by_user[visit.user].append(visit)
        return [
            (first, second)
            for visits in by_user.values()
            for number, second in enumerate(visits)
            for first in visits[:number]
            if first.ended > second.began
        ]

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError):
            server_reader, server_writer = await asyncio.open_connection(HOST, self._upstream)
            answers = asyncio.create_task(_carry(server_reader, writer))
            try:
                await self._listen(reader, server_writer)
            finally:
                server_writer.close()
                answers.cancel()
        writer.close()

    async def _listen(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        visit: Visit | None = None
        try:
            while data := await reader.read(65536):
                if visit is None and (user := _user(data)):
                    visit = Visit(user)
                    self.visits.append(visit)
                server.write(data)
                await server.drain()
        finally:
            if visit is not None:
                visit.ended = time.monotonic()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()


def _user(data: bytes) -> str:
    """Of AUTHENTICATE PLAIN (RFC 4616), with the command or after it; "" of all else."""
    try:
        parts = base64.b64decode(data.split()[-1], validate=True).split(b"\0")
    except (binascii.Error, IndexError):
        return ""
    return parts[1].decode() if len(parts) == 3 else ""
