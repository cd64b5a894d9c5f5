"""A real IMAP server inside this process. All that is known of pymap is in this file."""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, cast

from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from proxyprotocol.version import ProxyProtocolVersion
from pymap.backend.dict import Config, Identity, Login
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

PATIENCE_SECONDS = 10.0
Tasks = set[asyncio.Task[Any]]


class _Config(Config):
    @property
    def greeting(self) -> bytes:
        """pymap's own asks DNS for the name of this machine, which may take seconds."""
        return b"Embedded mailbox ready"


class _Login(Login):
    """Says when somebody has logged in."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.happened = threading.Event()

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        identity = await super().authenticate(credentials)
        self.happened.set()
        return identity


class _Writer:
    """Sends what was written since the last drain() in one piece.

    pymap writes a response in many pieces and drains after it; imapclient, while idling,
    takes a line that comes in pieces for the end of the connection.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        self._pieces.append(piece)

    async def drain(self) -> None:
        self._writer.write(b"".join(self._pieces))
        self._pieces.clear()
        await self._writer.drain()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class _Server(IMAPServer):
    async def __call__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sock_info: SocketInfo
    ) -> None:
        await super().__call__(reader, cast(asyncio.StreamWriter, _Writer(writer)), sock_info)


class EmbeddedMailbox:
    """One mailbox with one user, in memory. Plain text, on the loopback interface only.

    start() returns when the port answers; port is 0 before. stop() may be called twice.
    """

    host = "127.0.0.1"

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self.password = password
        self.port = 0
        self._started: Future[None] = Future()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="embedded-mailbox", daemon=True)
        # Without certificates and threads of pymap's own; a password that lives a few
        # minutes is not worth the 0.15 s of hashing at each login.
        config = _Config(
            Namespace(),
            host=self.host,
            port=0,
            demo_data=False,
            demo_user=user,
            demo_password=password,
            tls_enabled=False,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            proxy_protocol=ProxyProtocolVersion.get(None),
        )
        self._config = config
        self._login = _Login(config)

    @property
    def logged_in(self) -> bool:
        """Whether a client has logged in since the start."""
        return self._login.happened.is_set()

    def start(self) -> None:
        self._thread.start()
        self._started.result(PATIENCE_SECONDS)

    def append(self, raw: bytes) -> None:
        """Put a mail into the INBOX; whoever idles there hears of it at once."""
        self._ask(self._append(raw))

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(PATIENCE_SECONDS)

    def _ask(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_SECONDS)

    async def _append(self, raw: bytes) -> None:
        async with self._login.demo_user_identity.new_session() as session:
            inbox = await session.mailbox_set.get_mailbox("INBOX")
            await inbox.append(AppendMessage(raw, datetime.now(UTC)), recent=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as exc:
            if self._started.done():
                raise
            self._started.set_exception(exc)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        tasks: Tasks = set()
        self._loop.set_task_factory(_holding(tasks))
        account = UserMetadata(self._config, self.user, password=self.password)
        await self._login.demo_user_identity.set(account)
        reader = ProxyProtocolReader(self._config.proxy_protocol)
        connected = reader.get_callback(_Server(self._login, self._config))
        server = await asyncio.start_server(connected, self.host, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set_result(None)
        await self._closing.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def _holding(tasks: Tasks) -> Callable[..., asyncio.Task[Any]]:
    """A task factory that keeps its tasks alive.

    pymap drops the task that serves a connection, and from Python 3.13 on it is
    garbage-collected in the middle of its work.
    """

    def create(
        loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **options)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    return create
