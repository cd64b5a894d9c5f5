"""One relay on one mailbox that misbehaves, and what must be true of it all the same."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from polling.backoff import BACKOFF
from polling.errors import Kind
from tests.polling.examples import mail
from tests.relay.documents import describe
from tests.relay.health import health_parts
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.imap_script import ScriptedImap
from tests.servers.proxy import Proxy
from tests.servers.runpoller import Line, ManageCommand

row = pytest.mark.row
"""The rows of the list of failure modes that a test covers."""

OPERATORS_GREP = re.compile(r"IMAP.*timeout|IMAP.*failed")
TIMEOUT = 2
TICKS = os.sysconf("SC_CLK_TCK")
# The last try may wait for a deadline, and the one after it for the longest of three waits.
RECOVERY = 3 * TIMEOUT + 9.0
# Of a core. Starting and delivering cost less than that; a loop without a wait costs more.
CPU_SECONDS, CPU_SHARE = 1.0, 0.1
TRAFFIC = 64 * 1024


class World:
    """A mailbox, `runpoller` on it, and its endpoint. meter is what the relay connects to."""

    def __init__(
        self,
        meter: ScriptedImap | Proxy,
        endpoint: Endpoint,
        make_runpoller: MakeRunpoller,
        folder: Path,
        **fields: object,
    ) -> None:
        self.meter = meter
        self.endpoint = endpoint
        self.folder = folder
        self.expected: list[str] = []
        self.relay: ManageCommand
        self._make_runpoller = make_runpoller
        self._busy_at_start = 0.0
        self._connected_at = 0.0
        self.describe(
            **{
                "imap_host": "127.0.0.1",
                "imap_port": meter.port,
                "imap_security": "none",
                "imap_user": "user@relay.example",
                "imap_password": "the-password",
                "interval_seconds": 1,
                **fields,
            }
        )

    def describe(self, **changes: object) -> None:
        """Change the account; somebody who runs hears of it within some seconds."""
        self.fields = {**getattr(self, "fields", {}), **changes}
        describe(self.folder, **self.fields)

    def add(self, *subjects: str) -> None:
        """New mails that are to be delivered."""
        assert isinstance(self.meter, ScriptedImap)
        for subject in subjects:
            self.expect(subject)
            self.meter.add(mail(subject).as_bytes())

    def expect(self, *subjects: str) -> None:
        self.expected += subjects

    def start(self, ready: str = "", **variables: str) -> ManageCommand:
        """Returns at the first connection, or at a line that tells that there will be none."""
        before = self.meter.connections
        self.relay = self._make_runpoller(
            endpoint=self.endpoint,
            folder=self.folder,
            **{"IMAP_TIMEOUT_SECONDS": str(TIMEOUT), **variables},
        )
        if ready:
            self.relay.wait_line(ready)
        else:
            eventually(lambda: self.meter.connections > before)
        self._connected_at, self._busy_at_start = time.monotonic(), busy_seconds(self.relay.pid)
        return self.relay

    def trouble(self, kind: str, sentence: str, *, lasting: bool = True) -> Line:
        """Wait until it is said in the log with its class and a wait that is right for it, and,
        if it lasts, written down for whoever asks."""
        end = rf"\[{kind}, IMAP reconnect of mailbox default in (?P<wait>\d+) s\]$"
        pattern = f"IMAP .*{sentence}.* {end}"
        line = self.relay.wait_line(pattern, RECOVERY)
        found = re.search(pattern, line.text)
        delays = BACKOFF[Kind(kind)]
        assert found
        assert OPERATORS_GREP.search(line.text)
        assert int(delays.first / 2) <= int(found["wait"]) <= delays.longest
        if lasting:
            eventually(
                lambda: self.shown()[0] == kind and bool(re.search(sentence, self.shown()[1]))
            )
        return line

    def shown(self) -> tuple[str, str]:
        """The class and the sentence that /health and the web page read."""
        found = self.query(
            "SELECT trouble_kind, trouble FROM polling_mailboxstate ORDER BY id DESC"
        )
        return found[0] if found else ("", "")

    def health(self) -> dict[str, object]:
        """The part of the mailbox in the answer of /health."""
        part: dict[str, object] = health_parts(self.relay, self._make_runpoller)["mailbox"]
        return part

    def query(self, statement: str) -> list[tuple[str, str]]:
        path = f"file:{self.folder / 'db.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=5)) as database:
            return database.execute(statement).fetchall()

    def hasten(self, tries: int) -> None:
        """What was parked has been tried so often, and is due now."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=5)) as database:
            database.execute(
                "UPDATE polling_mail SET retry_at = seen_at, tries = ? WHERE state = 'failed'",
                [tries],
            )
            database.commit()
        self.describe(exclude_keywords=[f"wake {time.monotonic()}"])

    def no_other_try(self, seconds: float = 1.5) -> None:
        before = self.meter.connections
        time.sleep(seconds)
        assert self.meter.connections == before

    def check(
        self, *, within: float = RECOVERY, connections: int = 6, traffic: int = TRAFFIC
    ) -> None:
        """In the end every mail was delivered once; at one connection at most, an idle processor
        and bytes within the budget."""
        self.endpoint.wait_for(len(self.expected), within)
        self.settle()
        assert Counter(self.delivered()) == Counter(self.expected)
        ids = [request.headers["webhook-id"] for request in self.endpoint.requests]
        assert len(set(ids)) == len(ids)
        assert self.meter.most_open <= 1
        assert self.meter.connections <= connections
        assert self.meter.traffic <= traffic
        assert self.busy() <= CPU_SECONDS + CPU_SHARE * (time.monotonic() - self._connected_at)
        assert self.relay.returncode is None

    def settle(self) -> None:
        """Until all is marked: then a second delivery would have been seen."""
        open_states = "SELECT uid, state FROM polling_mail WHERE state IN ('relayed', 'failed')"
        eventually(lambda: not self.query(open_states))

    def delivered(self) -> list[str]:
        return [str(request.json["subject"]) for request in self.endpoint.requests]

    def busy(self) -> float:
        """Seconds of processor time since the first connection."""
        return busy_seconds(self.relay.pid) - self._busy_at_start


def busy_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def most_memory(pid: int) -> int:
    """The largest resident memory that the process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024
