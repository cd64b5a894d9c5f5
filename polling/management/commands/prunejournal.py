"""What the journal keeps for a person is removed by one."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from configstore.declared import config_store
from configstore.store import ConfigurationUnknown
from polling.models import Mail, MailState
from polling.retention import needed
from webhooks.models import Delivery, State
from webhooks.pruning import remove_some_dead

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Remove dead deliveries, or quarantined mails, from the journal. What is settled leaves it "
        "by itself after journal_days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dead", action="store_true", help="Dead deliveries.")
        parser.add_argument("--quarantined", action="store_true", help="Quarantined mails.")
        parser.add_argument(
            "--before", required=True, type=_date, metavar="DATE", help="YYYY-MM-DD, in UTC."
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what would go.")

    def handle(
        self, *args: Any, dead: bool, quarantined: bool, before: date, dry_run: bool, **options: Any
    ) -> None:
        if not (dead or quarantined):
            raise CommandError("Say what is to go: --dead, --quarantined or both.")
        moment = self._bounded(datetime.combine(before, time.min, tzinfo=UTC))
        if dead:
            self._dead(moment, dry_run)
        if quarantined:
            self._quarantined(moment, dry_run)

    def _bounded(self, moment: datetime) -> datetime:
        """A mail that a mailbox may still show would be read, and sent, as if it were new."""
        try:
            least = needed(config_store())
        except ConfigurationUnknown as exc:
            raise CommandError(str(exc)) from exc
        latest = timezone.now() - least
        if moment > latest:
            self.stdout.write(
                f"What is younger than {least.days} days stays: mailboxes may still show it."
            )
        return min(moment, latest)

    def _dead(self, before: datetime, dry_run: bool) -> None:
        rows = Delivery.objects.filter(state=State.DEAD, settled_at__lt=before).order_by("pk")
        count = rows.count()
        for row in rows.defer("payload")[:SHOWN]:
            self.stdout.write(f"  {row.webhook_id} {row.endpoint} {row.subject}")
        self._more(count)
        if not dry_run:
            count = 0
            while gone := remove_some_dead(before):
                count += gone
        self.stdout.write(f"{_verb(dry_run)} {count} dead deliveries.")

    def _quarantined(self, before: datetime, dry_run: bool) -> None:
        rows = Mail.objects.filter(state=MailState.QUARANTINED, seen_at__lt=before).order_by("pk")
        count = rows.count()
        for row in rows.select_related("mailbox")[:SHOWN]:
            self.stdout.write(f"  {row.mailbox.name} UID {row.uid} {row.fault}")
        self._more(count)
        if not dry_run:
            count, _ = rows.delete()
        self.stdout.write(f"{_verb(dry_run)} {count} quarantined mails.")

    def _more(self, count: int) -> None:
        if count > SHOWN:
            self.stdout.write(f"  and {count - SHOWN} more")


def _verb(dry_run: bool) -> str:
    return "Would remove" if dry_run else "Removed"


def _date(text: str) -> date:
    return date.fromisoformat(text)
