"""Commands of manage.py as fixtures, each in a folder of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.fake_worker import VARIABLES as WORKER_VARIABLES
from tests.servers.fixtures import _folder
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand, migrate, prepare_folder


@pytest.fixture(scope="session")
def migrated_database() -> Path:
    return migrate(_folder("migrated"))


class MakeRunpoller(Protocol):
    """Options are folder, mailbox, endpoint, fake_worker and prefix; all others are environment
    variables. Any, so that variables may come as a dictionary."""

    def __call__(self, *arguments: str, **options: Any) -> ManageCommand: ...


@pytest.fixture
def make_runpoller(
    migrated_database: Path, certificates: Certificates, tmp_path: Path
) -> Iterator[MakeRunpoller]:
    """Start `manage.py runpoller`, or the arguments given, against the servers of the test.

    All commands of a test share one folder (disk) unless they are given their own.
    """
    running: list[ManageCommand] = []

    def make(
        *arguments: str,
        folder: Path | None = None,
        mailbox: Mailbox | None = None,
        endpoint: Endpoint | None = None,
        fake_worker: Endpoint | None = None,
        prefix: Sequence[str] = (),
        **variables: str,
    ) -> ManageCommand:
        home = folder or tmp_path / "container"
        prepare_folder(home, migrated_database)
        environment = certificates.environment()
        if mailbox is not None:
            environment |= mailbox.environment()
        if endpoint is not None:
            environment |= {"WEBHOOK_URL": endpoint.url, "EGRESS_ALLOWED_CIDRS": "127.0.0.0/8"}
        if fake_worker is not None:
            environment |= {**WORKER_VARIABLES, "R2_FETCH_ENDPOINT": fake_worker.url}
        environment |= variables
        command = ManageCommand(arguments or ("runpoller",), home, environment, prefix)
        running.append(command)
        return command

    yield make
    for command in running:
        command.close()
        # Shown by pytest if the test has failed.
        sys.stdout.write(f"--- {' '.join(command.arguments)}\n{command.output}\n")
