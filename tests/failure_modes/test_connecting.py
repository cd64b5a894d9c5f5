"""What may happen before a server has greeted."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from polling.errors import Kind, MailboxTrouble, NotImap
from polling.session import Session
from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import World, row
from tests.polling.described import account
from tests.servers.certificates import Certificates
from tests.servers.fixtures import MakeImap
from tests.servers.imap_replies import bye, send, silence
from tests.servers.imap_script import ScriptedImap
from tests.servers.ports import HOST

HTTP_PAGE = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<h1>no</h1>\r\n"
OTHER_USER = {"imap_user": "somebody.else@relay.example"}


@contextmanager
def black_hole(host: str = HOST, port: int = 0) -> Iterator[int]:
    """A port that drops whoever wants to connect: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((host, port), backlog=0))
        address = listener.getsockname()
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(address)
        yield address[1]


@row(1)
def test_a_connection_that_is_never_answered_ends_at_the_deadline(world: World) -> None:
    world.add("after")
    with black_hole() as port:
        world.describe(imap_port=port)
        world.start(ready="IMAP connection")
        world.trouble("transient", r"connection (timeout|failed)")
    world.describe(imap_port=world.meter.port)
    world.check()


@row(1)
def test_a_dead_address_leaves_time_for_the_next_one(
    server: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("127.0.0.2", HOST)
        ]

    with black_hole("127.0.0.2", server.port):
        monkeypatch.setattr(socket, "getaddrinfo", both)
        with closing(Session(account(server.port), timeout=2)) as session:
            assert session.uidvalidity == 1


@row(2)
def test_a_handshake_that_is_never_answered_ends_at_the_deadline(
    make_imap: MakeImap, make_world: MakeWorld
) -> None:
    server = make_imap(tls=True)
    world = make_world(server, imap_security="tls")
    world.add("after")
    context, server.context = server.context, None
    server.on("CONNECT", silence)
    world.start()
    world.trouble("transient", "connection timeout after 2 s")
    server.context = context
    server.on("CONNECT", None)
    world.check()


@row(3)
def test_a_server_that_does_not_greet_is_left_at_the_deadline(
    world: World, server: ScriptedImap
) -> None:
    world.add("after")
    server.on("CONNECT", silence)
    world.start()
    world.trouble("transient", "connection timeout after 2 s")
    server.on("CONNECT", None)
    world.check()


@row(4)
def test_a_server_that_has_too_many_connections_is_left_in_peace(
    world: World, server: ScriptedImap
) -> None:
    world.add("after")
    server.on("CONNECT", bye("too many connections"))
    world.start()
    world.trouble("limit", "too many connections")
    world.no_other_try()
    server.on("CONNECT", None)
    world.describe(**OTHER_USER)
    world.check(connections=2)


@row(5)
def test_what_is_no_mail_server_three_times_in_a_row_is_a_matter_of_configuration(
    world: World, server: ScriptedImap
) -> None:
    world.add("after")
    server.on("CONNECT", send(HTTP_PAGE))
    world.start()
    world.trouble("transient", "does not speak IMAP, it says .*HTTP/1.1 400", lasting=False)
    world.trouble("configuration", "does not speak IMAP, .*Check imap_host")
    assert server.connections == 3
    world.no_other_try()
    server.on("CONNECT", None)
    world.describe(**OTHER_USER)
    world.check(connections=4)


@row(5)
@pytest.mark.parametrize(
    "greeting", [b"+OK POP3 ready\r\n", b"220 mail.example ESMTP\r\n", b"SSH-2.0-OpenSSH_9\r\n"]
)
def test_the_greeting_of_another_protocol_is_told(server: ScriptedImap, greeting: bytes) -> None:
    server.on("CONNECT", send(greeting))
    with pytest.raises(NotImap, match="does not speak IMAP"):
        Session(account(server.port), timeout=2)


@row(6)
def test_a_certificate_for_another_name_is_refused(
    make_imap: MakeImap, make_world: MakeWorld
) -> None:
    server = make_imap(tls=True)
    world = make_world(server, imap_security="tls", imap_host="127.1")
    world.add("after")
    world.start()
    world.trouble("configuration", "the certificate of 127.1 is not trusted")
    world.no_other_try()
    assert not server.named("AUTHENTICATE")
    world.describe(imap_host=HOST)
    world.check(connections=2)


@row(6)
def test_a_certificate_that_has_expired_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = Certificates(tmp_path, not_after=yesterday)
    monkeypatch.setenv("SSL_CERT_FILE", str(expired.ca_file))
    with (
        closing(ScriptedImap((), expired)) as server,
        pytest.raises(MailboxTrouble, match=r"not trusted \(certificate has expired\)") as caught,
    ):
        Session(account(server.port, security="tls"), timeout=2)
    assert caught.value.kind is Kind.CONFIGURATION
