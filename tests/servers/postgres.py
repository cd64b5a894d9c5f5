"""A private PostgreSQL: a cluster of its own, thrown away with its folder."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.ports import HOST, free_port
from tests.servers.process import end, start

HOW = "Real PostgreSQL is missing: install postgresql (Debian, brew), or set POSTGRES_BIN."
DEBIAN = Path("/usr/lib/postgresql")
USER = "relay"
# Asked to stop at once rather than killed: its children end with it.
ORPHANED = signal.SIGQUIT
# In the tests nothing has to survive a power cut.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# Several pollers have several connections each.
OPTIONS = {
    "max_connections": "200",
    "shared_buffers": "32MB",
    "log_min_messages": "warning",
    "unix_socket_directories": "",
}


def postgres_folder() -> Path | None:
    """Where its programs are: $POSTGRES_BIN, the newest that Debian has, or on PATH."""
    named = os.environ.get("POSTGRES_BIN")
    found = sorted(DEBIAN.glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    folders = [*([Path(named)] if named else []), *found]
    folders += [Path(on_path).resolve().parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _version(folder: Path) -> int:
    number = re.match(r"\d+", folder.parent.name)
    return int(number[0]) if number else 0


class PostgresServer:
    """Any password is good on the loopback port; there is no other way in. A durable one commits
    as in production."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self.port = free_port()
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        # PostgreSQL refuses to work as root.
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._options = OPTIONS if durable else {**CARELESS, **OPTIONS}
        self._process: subprocess.Popen[bytes] | None = None
        self._make_cluster()
        self.start()

    @property
    def pid(self) -> int:
        assert self._process, "the server is stopped"
        return self._process.pid

    def url(self, name: str) -> str:
        """As DATABASE_URL."""
        return f"postgres://{USER}@{HOST}:{self.port}/{name}"

    def create(self, template: str = "template0") -> str:
        """A database with what the template holds, to which nobody may be connected. Its name."""
        name = f"test_{secrets.token_hex(6)}"
        self._command("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Whoever is connected is thrown out."""
        self._command("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def start(self) -> None:
        if self._process is not None:
            return
        options = [
            part for name, value in self._options.items() for part in ("-c", f"{name}={value}")
        ]
        command = [str(self._programs / "postgres"), "-D", str(self._data), *options]
        place = ["-c", f"listen_addresses={HOST}", "-c", f"port={self.port}"]
        with (self._folder / "postgres.log").open("ab") as log:
            self._process = start(
                self._as_account([*command, *place]),
                output=log,
                folder=self._folder,
                when_orphaned=ORPHANED,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        if self._process is not None:
            # SIGINT throws out those who are connected; SIGTERM would wait for them.
            self._process.send_signal(signal.SIGINT)
            end(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def _make_cluster(self) -> None:
        if self._account is not None:
            self._folder.chmod(0o755)
            self._data.mkdir(mode=0o700)
            os.chown(self._data, self._account.pw_uid, self._account.pw_gid)
        initdb = [str(self._programs / "initdb"), "-D", str(self._data), "--username", USER]
        initdb += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        done = subprocess.run(
            self._as_account(initdb), cwd=self._folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    def _as_account(self, command: list[str]) -> list[str]:
        """The kernel forgets with the change of the account what is to become of an orphan."""
        if self._account is None:
            return command
        account = [f"--reuid={self._account.pw_uid}", f"--regid={self._account.pw_gid}"]
        return ["setpriv", *account, "--clear-groups", f"--pdeathsig={ORPHANED.name}", *command]

    def _wait_until_ready(self, seconds: float = 20.0) -> None:
        ends = time.monotonic() + seconds
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as exc:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > ends:
                    log = (self._folder / "postgres.log").read_text(errors="replace")
                    raise TimeoutError(f"PostgreSQL does not answer: {log[-2000:]}") from exc
                time.sleep(0.05)
            else:
                return

    def _command(self, command: str, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5)
