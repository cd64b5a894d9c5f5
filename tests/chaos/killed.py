"""A relay whose processes are killed, one after the other."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from redis import Redis

from runtime.faults import Point
from tests.chaos import journal
from tests.chaos.invariants import Aftermath, assert_invariants
from tests.chaos.journal import Journal
from tests.faults import reached
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

FOLDER = "Done"
START_SECONDS = 90.0  # on a busy machine
AGAIN_SECONDS = 60.0  # the rest of a lease, the sweep, and a start; on a busy machine


class Relay:
    """One mailbox, one receiver, one Redis and one disk. options are those of make_runpoller."""

    def __init__(
        self,
        make_runpoller: MakeRunpoller,
        folder: Path,
        mailbox: Mailbox,
        endpoint: Endpoint,
        redis: Redis,
        redis_url: str,
    ) -> None:
        self._make_runpoller = make_runpoller
        self.folder = folder
        self.journal: Journal = folder
        self.mailbox = mailbox
        self.endpoint = endpoint
        self.redis = redis
        self.options: dict[str, Any] = {"REDIS_URL": redis_url}
        self.commands: list[ManageCommand] = []
        mailbox.create_folder(FOLDER)

    def use(self, postgres_url: str) -> None:
        """Instead of the SQLite on its disk."""
        self.journal = self.options["DATABASE_URL"] = postgres_url

    def start(self, folder: Path | None = None, **variables: str) -> ManageCommand:
        """folder: another disk."""
        options = {**self.mailbox.environment(), **self.options, **variables}
        home = folder or self.folder
        command = self._make_runpoller(folder=home, endpoint=self.endpoint, **options)
        self.commands.append(command)
        return command

    def die_at(self, point: Point, passed: int = 0, *, while_stopping: bool = False) -> None:
        """Start, and be killed there when it was passed so often before."""
        runpoller = self.start(FAULT_POINT=f"{point}+{passed}")
        if while_stopping:
            self.endpoint.wait_for(1)
            runpoller.signal(signal.SIGTERM)
        assert runpoller.wait(AGAIN_SECONDS) == -signal.SIGKILL, runpoller.output
        assert reached(point) in (line.text for line in runpoller.lines)

    def settled(self) -> int:
        """How many mails the mailbox says are settled, wherever they are by now."""
        folders = ("INBOX", FOLDER)
        return sum(len(self.mailbox.uids("KEYWORD $RenderSignal", folder)) for folder in folders)

    def finish(self, mails: int = 1, *, repeats: int = 1, **allowed: Any) -> ManageCommand:
        """Relay what is left, and stop in order: all invariants hold."""
        runpoller = self.start()
        runpoller.wait_line("IMAP connected", START_SECONDS)
        eventually(lambda: self.settled() == mails, AGAIN_SECONDS)
        eventually(lambda: set(journal.mails(self.journal)) <= {"settled"})
        runpoller.stop()
        self.assert_invariants(repeats=repeats, **allowed)
        return runpoller

    def assert_invariants(self, *, repeats: int, **allowed: Any) -> None:
        """allowed: further fields of Aftermath, or other ones than of one disk."""
        known: dict[str, Any] = {
            "mailboxes": [self.mailbox],
            "endpoint": self.endpoint,
            "journals": [self.journal],
            "commands": self.commands,
            "redis": self.redis,
        }
        assert_invariants(Aftermath(**known | allowed, repeats=repeats))
