"""A TCP proxy in front of a port, to measure a connection and to break it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from tests.servers.loop import LoopThread, reset
from tests.servers.ports import HOST, established

COMMAND = re.compile(rb"^[^\s+*]+ ((?:UID )?[A-Za-z]+)", re.IGNORECASE)
LITERAL = re.compile(rb"\{(\d+)\+?\}$")

Direction = Literal["up", "down"]
Chunks = asyncio.Queue[tuple[float, bytes] | None]


class CommandReader:
    """Picks the names of the IMAP commands out of what clients send."""

    def __init__(self, found: Counter[str]) -> None:
        self._found = found
        self._line = b""
        self._literal_left = 0
        self._continues = False

    def feed(self, data: bytes) -> None:
        while data:
            if self._literal_left:
                skipped = min(self._literal_left, len(data))
                self._literal_left -= skipped
                data = data[skipped:]
                continue
            part, ended, data = data.partition(b"\r\n")
            self._line += part
            if ended:
                self._read(self._line)
                self._line = b""

    def _read(self, line: bytes) -> None:
        if not self._continues:
            command = COMMAND.match(line)
            name = command[1].decode().upper() if command else line.decode("latin-1").upper()
            if command or name == "DONE":
                self._found[name] += 1
        literal = LITERAL.search(line)
        self._literal_left = int(literal[1]) if literal else 0
        self._continues = literal is not None


@dataclass(eq=False)
class Link:
    """One connection through the proxy. A dead one swallows all and never says so."""

    writers: list[asyncio.StreamWriter]
    dead: bool = False
    commands: CommandReader = field(default_factory=lambda: CommandReader(Counter()))


class Proxy:
    """Listens on `port`. `up` counts the bytes towards the server, `down` those from it.

    IMAP commands are seen on plain connections only. Each method that sets a mode ends the
    mode before. most_open: clients that were connected at the same time.
    """

    def __init__(self, upstream: int, host: str = HOST) -> None:
        self.upstream = upstream
        self.bytes: Counter[Direction] = Counter()
        self.commands: Counter[str] = Counter()
        self.connections = self.most_open = 0
        self.delay: dict[Direction, float] = {"up": 0.0, "down": 0.0}
        self._mode: Literal["pass", "blackhole", "refuse"] = "pass"
        self._links: set[Link] = set()
        self._loop = LoopThread("proxy")
        self._server = self._loop.run(asyncio.start_server(self._serve, host, 0))
        self.port: int = self.listener.getsockname()[1]

    @property
    def listener(self) -> socket.socket:
        """Its options are those of the connections that it accepts (Linux)."""
        return self._server.sockets[0]

    @property
    def up(self) -> int:
        return self.bytes["up"]

    @property
    def down(self) -> int:
        return self.bytes["down"]

    @property
    def open(self) -> int:
        return len(self._links)

    @property
    def traffic(self) -> int:
        return self.up + self.down

    def reset_counts(self) -> None:
        self.bytes.clear()
        self.commands.clear()
        self.connections = 0

    def pass_through(self) -> None:
        """New connections work. Those that were frozen stay so."""
        self._mode = "pass"

    def freeze(self) -> None:
        """Connections that are open stall for good, new ones work."""
        self._mode = "pass"
        self._loop.run(self._kill_links())

    def blackhole(self) -> None:
        """All stalls; new connections are taken and never answered."""
        self._mode = "blackhole"
        self._loop.run(self._kill_links())

    def cut(self) -> None:
        """Connections that are open are reset, new ones work."""
        self._mode = "pass"
        self._loop.run(self._reset_links())

    def refuse(self) -> None:
        """Open and new connections are reset."""
        self._mode = "refuse"
        self._loop.run(self._reset_links())

    def close(self) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _kill_links(self) -> None:
        for link in self._links:
            link.dead = True

    async def _reset_links(self) -> None:
        for link in list(self._links):
            for writer in link.writers:
                reset(writer)

    async def _stop(self) -> None:
        self._server.close()
        await self._reset_links()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = Link([writer], dead=self._mode == "blackhole", commands=CommandReader(self.commands))
        self._links.add(link)
        clients = [each.writers[0].get_extra_info("socket") for each in self._links]
        self.most_open = max(self.most_open, sum(map(established, clients)))
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._carry(link, reader, writer)
        finally:
            self._links.discard(link)
            for each in link.writers:
                each.close()

    async def _carry(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._mode == "refuse":
            reset(writer)
            return
        if link.dead:
            while await reader.read(65536):
                pass
            return
        server_reader, server_writer = await asyncio.open_connection(HOST, self.upstream)
        link.writers.append(server_writer)
        up, down = Chunks(), Chunks()
        ways = [
            self._receive(link, "up", reader, up),
            self._receive(link, "down", server_reader, down),
            self._deliver(link, up, server_writer),
            self._deliver(link, down, writer),
        ]
        await asyncio.gather(*ways)

    async def _receive(
        self, link: Link, direction: Direction, reader: asyncio.StreamReader, chunks: Chunks
    ) -> None:
        try:
            while data := await reader.read(65536):
                if link.dead:
                    continue
                self.bytes[direction] += len(data)
                if direction == "up":
                    link.commands.feed(data)
                chunks.put_nowait((time.monotonic() + self.delay[direction], data))
        finally:
            chunks.put_nowait(None)

    async def _deliver(self, link: Link, chunks: Chunks, writer: asyncio.StreamWriter) -> None:
        while chunk := await chunks.get():
            due, data = chunk
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not link.dead:
                writer.write(data)
                await writer.drain()
        if not link.dead:
            writer.close()
