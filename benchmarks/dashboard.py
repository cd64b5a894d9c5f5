"""How fast the first page is with ROWS deliveries in the journal: `python -m benchmarks.dashboard
100000`; of them so many in the last 24 hours: `python -m benchmarks.dashboard 100000 20000`. Then
the same with a Redis that is refused, and with one that takes connections and says nothing.

In a database of its own, which goes afterwards; DATABASE_URL names an empty one of yours.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.journal import TEXT
from benchmarks.numbers import number
from benchmarks.pages import COLUMNS, ROWS, Visits, begin, main, where

MAILBOXES = 20
PAGES = {"the first page": "/admin/", "what it fetches": "/admin/dashboard/"}


def measure(folder: Path, visits: Visits, rows: int = ROWS, recent: int = 1440) -> None:
    begin(folder, BG_POLLER_LOCK_FILE=str(folder / "poller.lock"))
    _run(visits, rows, min(recent, rows))


def _run(visits: Visits, rows: int, recent: int) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from tests import journal

    call_command("migrate", verbosity=0)
    now = timezone.now()

    def fill() -> None:
        box = _mailboxes(now)
        journal.fill(box, rows - recent, now - timedelta(hours=24), TEXT)
        journal.fill(box, recent, now, TEXT, first=rows, step=timedelta(hours=24) / (recent or 1))

    visits.heading(f"{number(rows)} deliveries in {where()}", *COLUMNS)
    visits.action(f"filling in {rows}, {recent} of a day", fill)
    browser = Client()
    browser.force_login(User.objects.create_superuser("ada"))
    for name, page in PAGES.items():
        visits.page(browser, name, page)
    with _silence() as silent:
        for how, url in {"refused": "redis://127.0.0.1:1/0", "silent": silent}.items():
            _use_redis(url)
            for name, page in PAGES.items():
                visits.page(browser, f"{name}, Redis {how}", page)


def _mailboxes(now: Any) -> Any:
    from configstore.declared import config_store
    from configstore.documents import PollingConfig
    from polling.accounts import find_account
    from polling.models import MailboxState

    store = config_store()
    names = [f"box{number}" for number in range(1, MAILBOXES)]
    account = {"imap_host": "mail.example", "imap_password": "x"}
    described = {"polling_config": {**account, "imap_user": "a@mail.example", "mailboxes": names}}
    for name in names:
        described[f"polling_config:{name}"] = {**account, "imap_user": f"{name}@mail.example"}
    for document, content in described.items():
        store.save(PollingConfig, document, content)
    states = [MailboxState.of(find_account(store, name)) for name in ("default", *names)]
    for state in states:
        state.note_searched(now)
    return states[0]


def _use_redis(url: str) -> None:
    """For the settings of the documents, the locks, the sessions and the cache."""
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections

    from configstore.declared import config_store
    from render_signal import stores
    from render_signal.env import Env

    settings.REDIS_URL = url
    folder = Path(settings.CONFIG_STORE_DIR)
    settings.CONFIG_STORES = stores.config_stores(Env({}), url, folder)
    config_store.cache_clear()
    settings.CACHES = caches.settings = stores.caches(url)
    del caches["default"]
    connections.close_all()


@contextmanager
def _silence() -> Iterator[str]:
    """A port where the system accepts connections, and nobody ever reads them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


if __name__ == "__main__":
    main("dashboard", __doc__, measure, parts=True)
