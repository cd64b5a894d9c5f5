"""Which mailboxes are begun with, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from polling import mailboxes
from polling.fleet import Fleet
from polling.mailboxes import Mailboxes
from polling.served import ServedMailbox
from polling.sharing import Look, Sharing
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


@pytest.mark.parametrize("redis_answers", [True, False])
def test_a_lock_that_is_seen_to_be_free_is_tried_at_once(
    monkeypatch: pytest.MonkeyPatch, redis_answers: bool
) -> None:
    """Whose lock somebody holds is left in peace; what is not known is tried."""
    nudged: list[str] = []
    holders = {"default": "", "sales": "pid=7"}
    seen = Look(0.0, holders, Fleet("pid=1", frozenset({"pid=1"}), holders), frozenset(), False)
    sharing = Sharing(None)
    monkeypatch.setattr(sharing, "look", lambda _: seen if redis_answers else None)
    monkeypatch.setattr(mailboxes, "build_sharing", lambda: sharing)
    monkeypatch.setattr(ServedMailbox, "nudge", lambda self: nudged.append(self.name))
    documents = Memory()
    documents.documents["polling_config"] = {"mailboxes": ["sales"]}
    served = Mailboxes(store_of(documents), Stop(), lambda: None)
    served.adjust(do_not_run)
    served._share()
    assert nudged == (["default"] if redis_answers else ["default", "sales"])
