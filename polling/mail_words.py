"""The words by which a mail is found: its subject and its sender, folded, in a column of its row.
So databases need to know nothing of accents and capitals."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Q

from polling.models import Mail
from runtime.stopping import Stop
from runtime.transactions import execute_many
from webhooks.folding import folded

ROWS_PER_TRANSACTION = 500
# Between two transactions others have their turn to write.
BREATH_SECONDS = 0.05


def words_of(subject: str, sender_email: str) -> str:
    return folded(f"{subject} {sender_email}")


def has_word(word: str) -> Q:
    """Mails with this in their subject or sender, whatever the accents and capitals; a row whose
    words are still to be filled in is found by what the database itself knows of these."""
    unfilled = Q(subject__icontains=word) | Q(sender_email__icontains=word)
    form = folded(word)
    by_words = Q(words__contains=form) if form else Q(pk__in=())  # of accents alone
    return by_words | (Q(words=None) & unfilled)


def fill(stop: Stop) -> None:
    """In the rows of an older release, which may go on writing while a deploy goes on. A mail that
    was not read yet brings its own."""
    rows = Mail.objects.filter(words=None).exclude(subject="", sender_email="").order_by("pk")
    last = 0
    while True:
        some = rows.filter(pk__gt=last).values_list("pk", "subject", "sender_email")
        if not (batch := list(some[:ROWS_PER_TRANSACTION])):
            return
        _write([(words_of(*said), pk) for pk, *said in batch])
        if stop.wait(BREATH_SECONDS):
            return
        last = batch[-1][0]


def _write(found: Sequence[tuple[str, int]]) -> None:
    """Each row by a statement of its own: bulk_update takes ten times as long."""
    table = connection.ops.quote_name(Mail._meta.db_table)
    with transaction.atomic():
        statement = f"UPDATE {table} SET words = %s WHERE id = %s"  # noqa: S608  # our own table
        execute_many(statement, found)
