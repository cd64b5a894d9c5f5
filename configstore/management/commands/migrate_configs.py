"""Brings the configuration of the former application into the stores."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from configstore.declared import config_store
from configstore.migration import Migration, Options, Outcome
from configstore.models import Revision
from configstore.naming import KNOWN, UnknownName, checked_kind
from configstore.readback import PHP, RedisRequired, store_named
from configstore.rehearsal import rehearsal_of
from configstore.sources import Api, Folder, Source

FORMER_FOLDER = "debug"
FORMER_LINKS = Path("magic_link_tokens.json")


class Command(BaseCommand):
    help = (
        "Move the JSON files of the former application (polling_config, processing_prefs, "
        "webhook_config, magic_link_tokens or magic_links) into the configuration store. Fields "
        "that a file does not have stay as they are stored; a copy of what is overwritten is "
        "kept in CONFIG_STORE_DIR/backups. Exit code 0 only if all went well: a document was "
        "found, each one found is right and in every store, and with --verify equal there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="origin",
            metavar="DIR",
            help=f"The folder of the files, default {FORMER_FOLDER}; or php: the PHP API.",
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="Read each document back from the store itself and compare field by field. "
            "With --dry-run: compare what is there, and write nothing.",
        )
        parser.add_argument(
            "--require-redis",
            action="store_true",
            help="Refuse unless Redis is among the stores, answers and takes each document.",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Write nothing; show which fields would change from what to what.",
        )
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="NAME",
            help=f"Only this document; may be repeated. One of {', '.join(KNOWN)}.",
        )

    def handle(self, *args: Any, origin: str | None, only: list[str], **options: Any) -> None:
        for name in only:
            try:
                checked_kind(name)
            except UnknownName as exc:
                raise CommandError(f"--only: {exc}") from None
        chosen = Options(
            dry_run=options["dry_run"],
            verify=options["verify"],
            require_redis=options["require_redis"],
        )
        if isinstance(sys.stdout, TextIOWrapper):
            # Half of the documents must not stay behind because a terminal lacks a character.
            sys.stdout.reconfigure(errors="replace")
        store = config_store()
        folder = Path(settings.CONFIG_STORE_DIR)
        if chosen.dry_run:
            store = rehearsal_of(store, folder, settings.CONFIG_DEFAULTS)
        else:
            _need_history()
        source = _source(origin, only)
        migration = Migration(store, source, folder / "backups", chosen)
        self.stdout.write(f"From {source.title}{', writing nothing' * chosen.dry_run}:")
        try:
            outcomes = migration.run(only)
        except RedisRequired as exc:
            raise CommandError(f"{exc}. Nothing was written.") from None
        for outcome in outcomes:
            self.stdout.write(f"{outcome.name}: {outcome.text}")
            for line in outcome.details:
                self.stdout.write(f"    {line}")
        for remark in source.remarks():
            self.stdout.write(remark)
        self._conclude(outcomes, source)

    def _conclude(self, outcomes: list[Outcome], source: Source) -> None:
        found = [outcome for outcome in outcomes if not outcome.absent]
        failed = [outcome.name for outcome in found if not outcome.good]
        if not found:
            raise CommandError(f"No document was found in {source.title}.")
        if failed:
            raise CommandError(
                f"{len(failed)} of {len(found)} did not go well: {', '.join(failed)}"
            )
        self.stdout.write(f"All went well: {len(found)} of {len(found)}.")


def _source(origin: str | None, only: list[str]) -> Source:
    if origin == "php":
        backend = store_named(config_store().chain, PHP)
        if backend is None:
            raise CommandError(
                "There is no PHP API: set EXTERNAL_CONFIG_BASE_URL and CONFIG_API_TOKEN"
            )
        return Api(backend)
    path = Path(origin or FORMER_FOLDER).absolute()
    links = None if origin else FORMER_LINKS.absolute()
    if not path.is_dir() and not (links and links.exists()):
        raise CommandError(f"{path} is no folder; name that of the files with --from DIR")
    return Folder(path, frozenset(only), links)


def _need_history() -> None:
    """Each save has its line in the history, so there must be one before anything is saved."""
    try:
        Revision.objects.exists()
    except DatabaseError as exc:
        raise CommandError(f"The database is not ready ({exc}): run manage.py migrate") from None
