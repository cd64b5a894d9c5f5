"""Servers as fixtures. Each xdist worker has its own."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from redis import Redis

from tests.environment import FOLDER
from tests.servers.certificates import Certificates
from tests.servers.dovecot import HOW as DOVECOT_HOW
from tests.servers.dovecot import Dovecot, dovecot_binary
from tests.servers.endpoint import Endpoint
from tests.servers.fake_worker import store
from tests.servers.imap_script import ScriptedImap
from tests.servers.mailbox import Mailbox
from tests.servers.php import HOW as PHP_HOW
from tests.servers.php import PhpApi, php_binary
from tests.servers.postgres import HOW as POSTGRES_HOW
from tests.servers.postgres import PostgresServer, postgres_folder
from tests.servers.proxy import Proxy
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import RedisServer, redis_binary
from tests.servers.runpoller import migrate
from tests.servers.smtp import Security, SmtpServer
from tests.servers.worker import HOW as WORKER_HOW
from tests.servers.worker import Worker, node_binary

MakeDovecot = Callable[..., Dovecot]
MakeProxy = Callable[[int], Proxy]
MakeImap = Callable[..., ScriptedImap]
MakeWorker = Callable[..., Worker]
MakeSmtp = Callable[..., SmtpServer]


def missing(how: str) -> NoReturn:
    if os.environ.get("REQUIRE_REAL") == "1":
        pytest.fail(how, pytrace=False)
    pytest.skip(how)


def _folder(name: str) -> Path:
    """Not pytest's own: those are closed to the unprivileged user that Dovecot works as."""
    folder = FOLDER / f"{name}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    return Certificates(_folder("certificates"))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis. Stop, freeze or restart it at will: `redis_url` heals it."""
    binary = redis_binary() or missing(REDIS_HOW)
    server = RedisServer(binary, _folder("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """Empty at the start of each test."""
    redis_server.heal()
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    yield redis_server.url
    redis_server.heal()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL. Stop or restart it at will: `postgres_url` starts it again."""
    programs = postgres_folder() or missing(POSTGRES_HOW)
    server = PostgresServer(programs, _folder("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: PostgresServer) -> str:
    """A migrated database, to be copied."""
    name = postgres_server.create()
    migrate(_folder("migrated"), DATABASE_URL=postgres_server.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, migrated_template: str) -> Iterator[str]:
    """The DATABASE_URL of a database that is migrated and empty."""
    postgres_server.start()
    name = postgres_server.create(migrated_template)
    yield postgres_server.url(name)
    postgres_server.start()
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def php_server() -> Iterator[PhpApi]:
    binary = php_binary() or missing(PHP_HOW)
    server = PhpApi(binary, _folder("php"))
    yield server
    server.stop()


@pytest.fixture
def php_api(php_server: PhpApi) -> Iterator[PhpApi]:
    """Running and empty at the start of each test. Stop, kill or freeze it at will."""
    php_server.heal()
    yield php_server
    php_server.heal()


@pytest.fixture(scope="session")
def dovecot(certificates: Certificates) -> Iterator[Dovecot]:
    binary = dovecot_binary() or missing(DOVECOT_HOW)
    server = Dovecot(binary, _folder("dovecot"), certificates)
    yield server
    server.stop()


@pytest.fixture
def make_dovecot(certificates: Certificates) -> Iterator[MakeDovecot]:
    """One more, for a test that stops it or needs another limit (max_connections=…) or another
    login (introspection_url=…)."""
    servers: list[Dovecot] = []

    def make(max_connections: int = 20, introspection_url: str = "") -> Dovecot:
        binary = dovecot_binary() or missing(DOVECOT_HOW)
        folder = _folder("dovecot")
        server = Dovecot(binary, folder, certificates, max_connections, introspection_url)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Iterator[Mailbox]:
    """The empty mailbox of a user whom no other test knows."""
    dovecot.start()
    yield Mailbox(dovecot, f"user-{secrets.token_hex(6)}@mail.invalid")
    dovecot.start()


@pytest.fixture
def endpoint(certificates: Certificates) -> Iterator[Endpoint]:
    endpoint = Endpoint(certificates)
    yield endpoint
    endpoint.close()


@pytest.fixture
def fake_worker(certificates: Certificates) -> Iterator[Endpoint]:
    """A stand-in for the R2 Worker, which stores whatever it is asked for until told otherwise."""
    worker = Endpoint(certificates)
    worker.answer(store)
    yield worker
    worker.close()


@pytest.fixture
def make_proxy() -> Iterator[MakeProxy]:
    """A proxy in front of a port of this machine."""
    with contextlib.ExitStack() as stack:

        def make(upstream: int) -> Proxy:
            return stack.enter_context(contextlib.closing(Proxy(upstream)))

        yield make


@pytest.fixture
def make_imap(certificates: Certificates) -> Iterator[MakeImap]:
    """A scripted IMAP server: make_imap(mails, tls=False)."""
    with contextlib.ExitStack() as stack:

        def make(mails: Iterable[bytes] = (), *, tls: bool = False) -> ScriptedImap:
            server = ScriptedImap(mails, certificates if tls else None)
            return stack.enter_context(contextlib.closing(server))

        yield make


@pytest.fixture
def make_smtp(certificates: Certificates) -> Iterator[MakeSmtp]:
    """A mail server that keeps what it gets: make_smtp("starttls")."""
    with contextlib.ExitStack() as stack:

        def make(security: Security = "tls") -> SmtpServer:
            server = SmtpServer(certificates, security)
            return stack.enter_context(contextlib.closing(server))

        yield make


@pytest.fixture(scope="session")
def worker_server(certificates: Certificates) -> Iterator[Worker]:
    binary = node_binary() or missing(WORKER_HOW)
    with contextlib.closing(Endpoint(certificates)) as source:
        worker = Worker(binary, _folder("worker"), source)
        yield worker
        worker.stop()


@pytest.fixture
def worker(worker_server: Worker) -> Iterator[Worker]:
    """The R2 Worker, running, its bucket empty. Stop it at will."""
    worker_server.heal()
    yield worker_server
    worker_server.heal()


@pytest.fixture
def make_worker(certificates: Certificates) -> Iterator[MakeWorker]:
    """One more, with variables of its own: make_worker(TIMEOUT_SECONDS="0.5")."""
    with contextlib.ExitStack() as stack:

        def make(**variables: str) -> Worker:
            binary = node_binary() or missing(WORKER_HOW)
            source = stack.enter_context(contextlib.closing(Endpoint(certificates)))
            worker = Worker(binary, _folder("worker"), source, variables)
            stack.callback(worker.stop)
            return worker

        yield make
