"""How fast the journal is with ROWS mails and deliveries: `python -m benchmarks.journal 100000`.

In a database of its own, which goes afterwards; DATABASE_URL names an empty one of yours.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.numbers import number
from benchmarks.pages import COLUMNS, ROWS, Visits, begin, main, where

TEXT = "Bonjour, voici les fichiers de la semaine. " * 80


def measure(folder: Path, visits: Visits, rows: int = ROWS) -> None:
    begin(folder)
    _run(visits, rows)


def _run(visits: Visits, rows: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from configstore.declared import config_store
    from polling.pruning import prune
    from runtime.stopping import Stop
    from tests import journal
    from webhooks.models import Delivery

    call_command("migrate", verbosity=0)
    visits.heading(f"{number(rows)} mails in {where()}", *COLUMNS)
    visits.action(f"filling in {rows} mails", lambda: journal.fill(
        journal.mailbox(), rows, timezone.now(), TEXT))  # fmt: skip
    browser = Client()
    browser.force_login(User.objects.create_superuser("ada"))
    last = Delivery.objects.latest("pk")
    mail, delivery = "/admin/polling/mail/", "/admin/webhooks/delivery/"
    middle, path = journal.link(rows // 2), journal.link(rows // 3).split("/")[-2]
    for name, page in {
        "mails": mail,
        "mails, last page": f"{mail}?p={(rows - 1) // 50 + 1}",
        "mails of a state": f"{mail}?state__exact=relayed",
        "mails, a rare word": f"{mail}?q={rows // 2}",
        "mails, a frequent word": f"{mail}?q=livraison",
        "mails, two words": f"{mail}?q=studio7@+{rows // 2}",
        "mails, a link": f"{mail}?q={middle.replace('&', '%26')}",
        "mails, a piece of a link": f"{mail}?q={path}",
        "mails, nothing found": f"{mail}?q=nowhere",
        "deliveries": delivery,
        "deliveries, last page": f"{delivery}?p={(rows - 1) // 50 + 1}",
        "deliveries of a state": f"{delivery}?state__exact=delivered",
        "deliveries that are dead": f"{delivery}?state__exact=dead",
        "deliveries, a rare word": f"{delivery}?q={rows // 2}",
        "deliveries, a frequent word": f"{delivery}?q=livraison",
        "deliveries, a link": f"{delivery}?q={middle.replace('&', '%26')}",
        "deliveries, a webhook-id": f"{delivery}?q={last.webhook_id}",
        "one delivery": f"{delivery}{last.pk}/change/",
        "one mail": f"{mail}of/{last.message_id}/",
        "why, a rare word": f"{mail}why/?q={rows // 2}",
        "why, a word without its accent": f"{mail}why/?q=ete",
        "why, nothing found": f"{mail}why/?q=nowhere",
        "health": "/health",
        "metrics": "/metrics",
        "dead ones to send again": f"{delivery}send-again/?endpoint=default&since=2000-01-01",
    }.items():
        visits.page(browser, name, page)
    fields = {"endpoint": "default", "since": "2000-01-01"}
    visits.action("dead ones sent again", lambda: browser.post(f"{delivery}send-again/", fields))
    visits.action("pruned", lambda: prune(config_store(), timezone.now(), Stop()))


if __name__ == "__main__":
    main("journal", __doc__, measure)
