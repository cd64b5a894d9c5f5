"""How fast the journal is with ROWS mails and deliveries: `python -m benchmarks.journal 100000`.

In a database of its own, which goes afterwards; DATABASE_URL names an empty one of yours.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXT = "Bonjour, voici les fichiers de la semaine. " * 80


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="render_signal.settings", ENV_FILE="", DEBUG="true",
            REDIS_URL="", CONFIG_STORE_DIR=str(place / "config"), ALLOWED_HOSTS="testserver",
        )  # fmt: skip
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{place / 'db.sqlite3'}")
        _run(rows)


def _run(rows: int) -> None:
    import django

    django.setup()
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
    said(f"filling in {rows} mails", lambda: journal.fill(
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
        visit(browser, name, page)
    fields = {"endpoint": "default", "since": "2000-01-01"}
    said("dead ones sent again", lambda: browser.post(f"{delivery}send-again/", fields))
    said("pruned", lambda: prune(config_store(), timezone.now(), Stop()))


def visit(browser: Any, name: str, page: str) -> None:
    """Twice: the second time counts, for the first one warms up."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(page, follow=True)
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(page, follow=True)
    spent = (time.perf_counter() - began) * 1000
    slowest = max((float(query["time"]) * 1000 for query in queries), default=0.0)
    say(f"{name:32} {spent:7.0f} ms  {len(queries):3} queries, slowest {slowest:5.0f} ms"
        f"{'' if answer.status_code == 200 else f'  HTTP {answer.status_code}'}")  # fmt: skip


def said(name: str, action: Callable[[], object]) -> None:
    began = time.perf_counter()
    action()
    say(f"{name:32} {(time.perf_counter() - began) * 1000:7.0f} ms")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
