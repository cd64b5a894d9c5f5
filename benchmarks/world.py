"""All that a measurement needs around what it measures: real Dovecot and Redis, and for each
subject a lane of its own with a mailbox behind a proxy that counts, and an endpoint."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import imapclient

from benchmarks import remote
from benchmarks.figures import RAW, RELAY
from benchmarks.mails import SENDERS, Mail
from benchmarks.processes import ROOT, Subject
from benchmarks.remote import Receiver, Wire
from tests.servers.certificates import Certificates
from tests.servers.dovecot import HOW as DOVECOT_HOW
from tests.servers.dovecot import Dovecot, dovecot_binary
from tests.servers.mailbox import Mailbox
from tests.servers.ports import HOST
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import RedisServer, redis_binary

SUBJECTS = (RAW, RELAY)
READY = {"SELECT", "EXAMINE"}


@dataclass(frozen=True)
class Stock:
    """Mails that wait on the disk, to be put into one mailbox after the other."""

    user: str
    links: dict[str, str]
    count: int


class Lane:
    """One subject at a time, against a mailbox, an endpoint and a disk that are new each time."""

    def __init__(self, world: World, subject: str, wire: Wire, receiver: Receiver) -> None:
        self.subject, self.wire, self.receiver = subject, wire, receiver
        self._world = world
        self.begin()

    def begin(self, *, imap: float = 0.0, answer: float = 0.0, out_of_order: float = 0.0) -> None:
        """Everything new. imap: seconds each way; the rest is about the endpoint."""
        self.wire.begin(imap)
        self.receiver.begin(answer, out_of_order)
        self.mailbox = self._world.mailbox()

    def fill(self, stock: Stock) -> None:
        self._world.dovecot.link_mails(stock.user, self.mailbox.user)
        self.receiver.expect(stock.links)

    @contextlib.contextmanager
    def running(self) -> Iterator[Subject]:
        folder = self._world.disk()
        module = ["-m", "benchmarks.rawlimit"]
        command = module if self.subject == RAW else ["manage.py", "runpoller"]
        running = Subject([sys.executable, *command], folder, self._variables(folder))
        try:
            yield running
        finally:
            running.stop()
            shutil.rmtree(folder)

    def deliver(self, client: imapclient.IMAPClient, mail: Mail) -> float:
        """Puts it into the mailbox as a mail server does; when that said OK."""
        self.receiver.expect({mail.token: mail.link})
        client.append("INBOX", mail.raw.replace(b"\n", b"\r\n"))
        return time.monotonic()

    def wait_ready(self, running: Subject) -> None:
        """Until it has opened the mailbox."""
        self._wait(running, lambda: bool(READY & set(self.wire.commands())), 30.0)

    def wait_all(self, running: Subject, stall: float) -> None:
        """Until every mail is accepted, or nothing was posted for so long."""
        seen, last = -1, time.monotonic()
        while self.receiver.missing() and time.monotonic() - last < stall and not running.ended:
            if (count := self.receiver.count()) != seen:
                seen, last = count, time.monotonic()
            time.sleep(0.02)

    def _wait(self, running: Subject, holds: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not holds():
            if running.ended or time.monotonic() > ends:
                said = running.log.read_text(errors="replace")[-2000:]
                raise SystemExit(f"The {self.subject} did not open its mailbox. It said:\n{said}")
            time.sleep(0.02)

    def _variables(self, folder: Path) -> dict[str, str]:
        own = self.mailbox.environment(self.wire.port()) | {"WEBHOOK_URL": self.receiver.url()}
        if self.subject == RAW:
            return own | {"SENDERS": ",".join(SENDERS)}
        return own | self._world.relay_variables(folder)


@dataclass
class World:
    folder: Path
    dovecot: Dovecot
    redis: RedisServer
    lanes: dict[str, Lane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._migrated = self.folder / "migrated"
        self._migrated.mkdir()
        command = [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"]
        environment = {"PATH": os.environ["PATH"], **self.relay_variables(self._migrated)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)

    def relay_variables(self, folder: Path) -> dict[str, str]:
        return {
            "ENV_FILE": "",
            "SECRET_KEY": "only-to-measure-" + "0" * 40,
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "CONFIG_STORE_DIR": str(folder / "config"),
            "BG_POLLER_LOCK_FILE": str(folder / "poller.lock"),
            "REDIS_URL": self.redis.url,
            "EGRESS_ALLOWED_CIDRS": f"{HOST}/32",
            "SENDER_OF_INTEREST_FOR_POLLING": ",".join(SENDERS),
            "POLLING_TIMEZONE": "UTC",
            "EMAIL_POLLING_INTERVAL_SECONDS": "1",
        }

    def mailbox(self) -> Mailbox:
        return Mailbox(self.dovecot, f"box-{next(self._numbers)}@mail.example")

    def disk(self) -> Path:
        """With an empty database, and nothing in Redis."""
        with self.redis.client() as client:
            client.flushall()
        folder = self.folder / f"disk-{next(self._numbers)}"
        folder.mkdir()
        shutil.copy(self._migrated / "db.sqlite3", folder)
        return folder

    @contextlib.contextmanager
    def stock(self, mails: Iterable[Mail]) -> Iterator[Stock]:
        """They are gone afterwards, with all mailboxes that they were put into."""
        user, links, count = self.mailbox().user, dict[str, str](), 0

        def kept() -> Iterator[bytes]:
            nonlocal count
            for mail in mails:
                count += 1
                if mail.link:
                    links[mail.token] = mail.link
                yield mail.raw

        self.dovecot.drop(user, kept())
        yield Stock(user, links, count)
        for place in (self.dovecot.folder / "mail").iterdir():
            shutil.rmtree(place)


@contextlib.contextmanager
def world() -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        folder.chmod(0o755)  # Dovecot reads it as another user
        places = {name: folder / name for name in ("certificates", "dovecot", "redis")}
        for place in places.values():
            place.mkdir()
        certificates = Certificates(places["certificates"])
        dovecot = Dovecot(
            dovecot_binary() or sys.exit(DOVECOT_HOW), places["dovecot"], certificates
        )
        stack.callback(dovecot.stop)
        redis = RedisServer(redis_binary() or sys.exit(REDIS_HOW), places["redis"])
        stack.callback(redis.stop)
        made = World(folder, dovecot, redis)
        for subject in SUBJECTS:
            wire = stack.enter_context(remote.wire(dovecot.port))
            receiver = stack.enter_context(remote.receiver(certificates))
            made.lanes[subject] = Lane(made, subject, wire, receiver)
        yield made


def by_turns(world: World, runs: int) -> Iterator[Lane]:
    """The lanes in turn; the one that begins changes, so that neither has the warmer machine."""
    for run in range(runs):
        yield from [world.lanes[subject] for subject in SUBJECTS[:: 1 if run % 2 == 0 else -1]]
