"""Which mailboxes are begun with, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from polling import mailboxes
from polling.mailboxes import Mailboxes
from polling.sharing import Sharing
from runtime.stopping import Stop
from tests.polling.documents import Memory, store_of

pytestmark = pytest.mark.django_db


def do_not_run(name: str, target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(name=name, target=lambda: None)
    thread.start()
    thread.join()
    return thread


def test_whose_a_mailbox_is_is_asked_before_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of one that is begun with again: it was just given to somebody else."""
    looked_for: list[tuple[str, ...]] = []
    sharing = Sharing(None)
    monkeypatch.setattr(sharing, "look", looked_for.append)
    monkeypatch.setattr(mailboxes, "build_sharing", lambda: sharing)
    documents = Memory()
    documents.documents["polling_config"] = {"mailboxes": ["sales"]}
    served = Mailboxes(store_of(documents), Stop(), lambda: None)
    served.adjust(do_not_run)
    assert looked_for == [("default", "sales")]
    served.adjust(do_not_run)  # both have ended
    assert looked_for == [("default", "sales")] * 2
