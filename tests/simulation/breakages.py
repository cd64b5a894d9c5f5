"""Known ways to break the product, each of which the simulation has to find."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from unittest import mock

from django.db.models import Q

from polling import custody
from polling.admission import Admission
from polling.intake import Batch, Intake
from polling.lock import RedisLock
from polling.models import MailboxState
from polling.session import Session
from tests.simulation.session import SimulatedSession
from tests.simulation.world import World
from webhooks import acceptance, accepted, journal, settlement
from webhooks.endpoints import Endpoint
from webhooks.models import Delivery
from webhooks.outbox import Claim
from webhooks.sending import Sending
from webhooks.settlement import Finished


def settles_without_its_token() -> AbstractContextManager[object]:
    def ours(finished: Sequence[Finished]) -> set[Claim]:
        return {claim for claim, _, _, _ in finished}

    return mock.patch.object(settlement, "_ours", ours)


def forgets_what_was_accepted_late() -> AbstractContextManager[object]:
    note_delivered = accepted.note_delivered

    def only_its_own(claims: Sequence[Claim], now: datetime) -> set[Claim]:
        tokens = dict(Delivery.objects.values_list("pk", "token"))
        own = [claim for claim in claims if tokens[claim.delivery_id] == claim.token]
        return note_delivered(own, now)

    return mock.patch.object(settlement, "note_delivered", only_its_own)


@contextlib.contextmanager
def marks_before_it_is_settled() -> Iterator[None]:
    def settled(message_ids: Collection[str]) -> dict[str, bool]:
        return dict.fromkeys(message_ids, True)

    def has_open(*_: object) -> Q:
        return Q(pk__isnull=True)

    with (
        mock.patch.object(journal, "settled", settled),
        mock.patch.object(journal, "has_open", has_open),
    ):
        yield


def advances_before_the_commit() -> AbstractContextManager[object]:
    commit = Intake._commit

    def broken(
        self: Intake, batch: Batch, mailbox: MailboxState, watermark: int | None, now: datetime
    ) -> None:
        if watermark is not None:
            mailbox.advance(watermark)
        commit(self, batch, mailbox, watermark, now)

    return mock.patch.object(Intake, "_commit", broken)


def names_webhooks_at_random() -> AbstractContextManager[object]:
    count = itertools.count()

    def webhook_id(*_: Any) -> str:
        return f"msg_{next(count)}"

    return mock.patch.object(acceptance, "webhook_id", webhook_id)


def renews_its_lock_blindly() -> AbstractContextManager[object]:
    return mock.patch.object(RedisLock, "renew", lambda lock: True)


def begins_what_others_may_send_by_now() -> AbstractContextManager[object]:
    def may_begin(self: Sending, claim: Claim, endpoint: Endpoint) -> bool:
        return self._open.get(endpoint.id) == endpoint

    return mock.patch.object(Sending, "_may_begin", may_begin)


def compares_leases_with_its_own_calendar() -> AbstractContextManager[object]:
    return mock.patch.object(World, "database_time", lambda world: world.clock.now())


def sends_before_it_has_asked_the_mailbox() -> AbstractContextManager[object]:
    return mock.patch.object(Admission, "_no_need_to_ask", lambda self, term: True)


def does_not_hear_that_mails_have_gone() -> AbstractContextManager[object]:
    return mock.patch.object(SimulatedSession, "shrunk", lambda self: False)


def believes_a_start_that_came_back() -> AbstractContextManager[object]:
    def anchor(session: Session, ours: Iterable[int], last_uid: int) -> None:
        if session.keywords_allowed and custody.start(session) is None:
            custody.undertake(session, ours, last_uid, None)

    return mock.patch.object(custody, "anchor", anchor)


# What has to be true of the weather for such a fault to show soon.
BREAKAGES: dict[Callable[[], AbstractContextManager[object]], dict[str, Any]] = {
    settles_without_its_token: {
        "shared": True,
        "freeze": 0.1,
        "interrupt": 0.3,
        "lost_answer": 0.1,
        "troubles": ("join", "join", "endpoint"),
    },
    forgets_what_was_accepted_late: {
        "shared": True,
        "freeze": 0.2,
        "interrupt": 0.0,
        "crash": 0.0,
        "lost_question": 0.0,
        "lost_answer": 0.0,
        "event": 0.3,
        "troubles": ("join", "join"),
        "turns": 30,
    },
    marks_before_it_is_settled: {},
    advances_before_the_commit: {
        "crash": 0.1,
        "event": 0.3,
        "troubles": ("join", "kill"),
        "turns": 9,
    },
    names_webhooks_at_random: {"crash": 0.03, "lost_answer": 0.1},
    renews_its_lock_blindly: {"freeze": 0.1, "troubles": ("join", "freeze", "forget")},
    begins_what_others_may_send_by_now: {"shared": False, "troubles": ("join", "redis")},
    compares_leases_with_its_own_calendar: {
        "shared": True,
        "interrupt": 0.3,
        "troubles": ("join", "calendar"),
    },
    sends_before_it_has_asked_the_mailbox: {
        "shared": False,
        "troubles": ("join", "leave", "endpoint"),
        "event": 0.4,
        "turns": 40,
    },
    does_not_hear_that_mails_have_gone: {"troubles": ("delete",), "event": 0.5, "turns": 40},
    believes_a_start_that_came_back: {"troubles": ("move_back",), "event": 0.5, "turns": 40},
}

CLIMATES = {"": {}, **{broken.__name__: climate for broken, climate in BREAKAGES.items()}}


def breakage(name: str) -> AbstractContextManager[object]:
    return {broken.__name__: broken for broken in BREAKAGES}[name]()
