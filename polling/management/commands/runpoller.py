"""The worker: reads the mailbox and delivers webhooks until it is stopped."""

from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.migrations.executor import MigrationExecutor

from configstore.store import ConfigurationUnknown
from polling.supervisor import PassFailed, Supervisor
from runtime.connections import give_back_connection, limit_waits
from runtime.descriptors import allow_many_descriptors
from runtime.process_log import LogStream
from runtime.stopping import Stop
from runtime.transactions import limit_idle_transactions

logger = logging.getLogger(__name__)
MIGRATION_SECONDS = 2.0
# The longest statement, with which a journal of years is pruned, takes a part of it.
DATABASE_SECONDS = 60.0


class Command(BaseCommand):
    help = "Relay mails: read the mailbox and deliver webhooks until SIGTERM or Ctrl-C."
    # The mailbox must be served whatever a check thinks of the web side.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="Read what is there, deliver what is due, and exit.",
        )

    def run_from_argv(self, argv: list[str]) -> None:
        if settings.LOG_FORMAT == "json":
            self.stdout = OutputWrapper(LogStream(logger, logging.INFO))
            self.stderr = OutputWrapper(LogStream(logger, logging.ERROR))
        super().run_from_argv(argv)

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        allow_many_descriptors()
        limit_idle_transactions()
        limit_waits(DATABASE_SECONDS)
        stop = Stop()
        stop.obey(signal.SIGTERM, signal.SIGINT)
        if once:
            self._run_once(stop)
            return
        self._wait_for_migrations(stop)
        if not stop:
            self._run(Supervisor(stop))

    def _run_once(self, stop: Stop) -> None:
        if missing := _missing_migrations():
            raise CommandError(f"Run `manage.py migrate` before: {missing}")
        try:
            Supervisor(stop).run_once()
        except (PassFailed, ConfigurationUnknown) as exc:
            raise CommandError(str(exc)) from exc

    def _run(self, supervisor: Supervisor) -> None:
        give_back_connection()
        try:
            supervisor.run()
        except RuntimeError as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write("Done.")

    def _wait_for_migrations(self, stop: Stop) -> None:
        """A worker is often started before the release step has changed the database."""
        said = False
        while not stop and (missing := _missing_migrations()):
            if not said:
                logger.warning("Waiting for `manage.py migrate`: %s", missing)
                said = True
            stop.wait(MIGRATION_SECONDS)


def _missing_migrations() -> str:
    """What is missing, "" if nothing is."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as exc:
        connection.close()
        return f"the database cannot be opened ({exc})"
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return ", ".join(str(migration) for migration, _ in plan[:3])
