"""The database: reachable, writable, up to date, and the same for all containers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from polling.admission import shared_database
from polling.lock_value import holder_value, place_of, process_of
from polling.models import KnownTerm, MailboxState
from render_signal.doctor.finding import Finding, green, red, yellow
from render_signal.doctor.pollers import signed_in
from runtime.database_errors import first_line

LATELY = timedelta(minutes=5)


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as exc:
        yield _unreachable(exc)
        return
    yield green(_("%(name)s answers.") % {"name": connection.display_name})
    missing = _missing_migrations()
    yield _migrations(missing)
    if not missing:
        yield _writable()
    if not shared_database():
        yield _journal_mode()


def _unreachable(error: DatabaseError) -> Finding:
    if shared_database():
        return red(
            _("The database cannot be reached (%(error)s).") % {"error": _said(error)},
            _("Start it, or correct DATABASE_URL."),
        )
    return red(
        _("The file of the database cannot be opened: %(file)s (%(error)s).")
        % {"file": settings.DATABASES["default"]["NAME"], "error": _said(error)},
        _("See that its folder exists and may be written to. If the file is lost, put it back from "
          "a backup, or have `manage.py migrate` make a new one."),
    )  # fmt: skip


def _said(error: DatabaseError) -> str:
    """Its first line says which: a wrong name, a missing folder, a file that is none of a
    database."""
    line = first_line(error).strip().rstrip(".")
    password = settings.DATABASES["default"].get("PASSWORD")
    if not line or (password and password in line):
        return type(error).__name__
    return f"{type(error).__name__}: {line}"


def _missing_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _migrations(missing: list[str]) -> Finding:
    if not missing:
        return green(_("All migrations are applied."))
    facts = {"count": len(missing), "first": missing[0]}
    return red(
        ngettext(
            "%(count)d migration is not applied: %(first)s.",
            "%(count)d migrations are not applied, the first is %(first)s.",
            len(missing),
        )
        % facts,
        _("Run `manage.py migrate`; the worker waits for it."),
    )


def _writable() -> Finding:
    """A row that is never committed."""
    try:
        with transaction.atomic():
            KnownTerm.objects.create(mailbox=f"doctor-{secrets.token_hex(4)}")
            transaction.set_rollback(True)
    except DatabaseError as exc:
        return red(
            _("It takes no rows (%(error)s).") % {"error": type(exc).__name__},
            _("Look for a full disk, a read-only file or replica, and the rights of its user."),
        )
    return green(_("It takes rows."))


def _journal_mode() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0]).lower()
    if mode == "wal":
        return green(_("Its journal is in WAL mode: readers and writers do not block each other."))
    return yellow(
        _("Its journal is in mode %(mode)s instead of WAL.") % {"mode": mode},
        _("Put the file on a local disk: network file systems have no WAL."),
    )


def containers() -> Iterator[Finding]:
    """Each container has a SQLite of its own, and so a journal of its own."""
    if shared_database():
        name = {"name": connection.display_name}
        yield green(_("%(name)s is the same for all containers.") % name)
        return
    places = {place_of(process) for process in signed_in() or {}}
    if len(places) > 1:
        yield red(
            _("Pollers of %(count)d containers are at work, each with a SQLite of its own.")
            % {"count": len(places)},
            _("Set DATABASE_URL to a PostgreSQL that all share, or run one container."),
        )
        return
    here = place_of(process_of(holder_value()))
    if places and here not in places and not _searched_lately():
        yield yellow(
            _("The poller is in another container, and %(file)s knows nothing of its work.")
            % {"file": Path(settings.DATABASES["default"]["NAME"]).name},
            _("Set DATABASE_URL to a PostgreSQL that both share, or ask the doctor over there."),
        )
        return
    yield green(_("SQLite, which is right for one container."))


def _searched_lately() -> bool:
    return MailboxState.objects.filter(searched_at__gt=timezone.now() - LATELY).exists()
