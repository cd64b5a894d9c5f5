"""A webhook endpoint that records all it gets and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable

from tests.servers.certificates import Certificates
from tests.servers.exchange import Answer, Request, read_request
from tests.servers.loop import LoopThread, reset
from tests.servers.ports import HOST, established

Behaviour = Callable[[Request], Answer]


class Endpoint:
    """HTTP at `url`, HTTPS at `tls_url`, both HTTP/1.1 with keep-alive.

    What tests set and read is guarded by one lock; a behaviour that is a function runs in
    the thread of the server and must not block: use Answer(delay=…).
    """

    def __init__(self, certificates: Certificates) -> None:
        self.ca_file = certificates.ca_file
        self.connections = 0
        self._arrived = threading.Condition()
        self._requests: list[Request] = []
        self._behaviour: Behaviour = lambda _: Answer()
        self._refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = LoopThread("endpoint")
        contexts = (None, certificates.server_context())
        self._servers = [self._loop.run(self._listen(context)) for context in contexts]
        port, tls_port = (server.sockets[0].getsockname()[1] for server in self._servers)
        self.port: int = port
        self.tls_port: int = tls_port
        self.url = f"http://{HOST}:{port}/hook"
        self.tls_url = f"https://{HOST}:{tls_port}/hook"

    @property
    def requests(self) -> list[Request]:
        with self._arrived:
            return self._requests[:]

    @property
    def open(self) -> int:
        """Connections that neither side has closed."""
        sockets = [writer.get_extra_info("socket") for writer in list(self._writers)]
        return sum(map(established, filter(None, sockets)))

    def answer(self, answer: Answer | Behaviour) -> None:
        """From now on always so, or as the function says."""
        with self._arrived:
            self._behaviour = answer if callable(answer) else lambda _: answer

    def answer_in_turn(self, first: Iterable[Answer], then: Answer | None = None) -> None:
        """One answer per request, whoever asks, and then another for the rest."""
        coming = iter(first)
        self.answer(lambda _: next(coming, then or Answer()))

    def refuse(self, refusing: bool = True) -> None:
        """Reset every new connection."""
        self._refusing = refusing

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Request]:
        """Return all requests as soon as there are so many."""
        with self._arrived:
            if self._arrived.wait_for(lambda: len(self._requests) >= count, timeout):
                return self._requests[:]
            got = len(self._requests)
        raise AssertionError(f"{got} of {count} requests within {timeout} s")

    def clear(self) -> None:
        with self._arrived:
            self._requests.clear()

    def drop_connections(self) -> None:
        """Reset the connections that are open, as a restarted endpoint does."""
        self._loop.run(self._abort_all())

    def close(self) -> None:
        for server in self._servers:
            self._loop.run(self._stop(server))
        self._loop.close()

    async def _listen(self, context: ssl.SSLContext | None) -> asyncio.Server:
        return await asyncio.start_server(self._serve, HOST, 0, ssl=context, backlog=512)

    async def _stop(self, server: asyncio.Server) -> None:
        server.close()
        await self._abort_all()

    async def _abort_all(self) -> None:
        for writer in list(self._writers):
            reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            if self._refusing:
                reset(writer)
                return
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
                while request := await read_request(reader, writer):
                    if not await self._reply(writer, self._record(request)):
                        break
        finally:
            self._writers.discard(writer)
            writer.close()

    def _record(self, request: Request) -> Answer:
        with self._arrived:
            self._requests.append(request)
            behaviour = self._behaviour
            self._arrived.notify_all()
        return behaviour(request)

    async def _reply(self, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        """Whether the connection may be used again."""
        await asyncio.sleep(answer.delay)
        if answer.instead == "hang":
            await asyncio.Event().wait()
        if answer.instead == "reset":
            reset(writer)
        if answer.instead:
            return False
        await _send(writer, answer.head(), answer.drip_head)
        for _ in range(answer.times):
            await _send(writer, answer.body, answer.drip_body)
        return not answer.closes


async def _send(writer: asyncio.StreamWriter, data: bytes, drip: float) -> None:
    if not drip:
        writer.write(data)
        await writer.drain()
        return
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(drip)
