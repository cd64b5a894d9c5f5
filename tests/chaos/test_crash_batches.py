"""kill -9 half way through many mails: what is repeated is what the table allows, no more."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

from runtime.faults import Point
from tests.chaos import journal
from tests.chaos.killed import Relay
from tests.polling.examples import mail
from tests.servers.exchange import Answer

MAILS = 120  # more than one batch of the intake
IN_FLIGHT = 8
HALF_WAY: list[tuple[Point, int]] = [
    ("intake.written", 1),
    ("intake.committed", 0),
    ("delivery.claimed", 13),
    ("request.sent", 21),
    ("delivery.settling", 5),
    ("delivery.remembered", 9),
    ("mail.marked", 2),
]


def receipts(relay: Relay) -> set[str]:
    keys = relay.redis.scan_iter("render_signal:delivered:*", count=1000)
    return {key.decode().rpartition(":")[2] for key in keys}


def sent(relay: Relay) -> Counter[str]:
    return Counter(request.headers["webhook-id"] for request in relay.endpoint.requests)


@pytest.mark.parametrize("disk", ["kept", "lost"])
@pytest.mark.parametrize(("point", "passed"), HALF_WAY)
def test_of_many_mails_none_is_lost_and_only_what_was_under_way_is_repeated(
    point: Point, passed: int, disk: str, relay: Relay
) -> None:
    relay.endpoint.answer(Answer(delay=0.02))
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    relay.die_at(point, passed)
    states = journal.states(relay.folder)
    if disk == "kept":
        settled = {name for name, state in states.items() if state == "delivered"}
    else:
        settled = receipts(relay)
        shutil.rmtree(relay.folder)
    if point != "mail.marked":  # by then all may have been sent
        assert len(sent(relay)) < MAILS
    relay.finish(MAILS, repeats=IN_FLIGHT, complete=disk == "kept")

    counts = sent(relay)
    repeated = {name for name, count in counts.items() if count > 1}
    subjects = {request.json["subject"] for request in relay.endpoint.requests}
    assert subjects == {f"mail {number}" for number in range(MAILS)}
    assert len(counts) == MAILS
    assert max(counts.values()) <= 2
    assert not repeated & settled
    assert len(repeated) <= IN_FLIGHT
    assert set(journal.states(relay.folder).values()) <= {"delivered"}
    unknown = [name for name, tries in journal.tries(relay.folder).items() if "unknown" in tries]
    assert disk == "lost" or repeated <= set(unknown) == set(states) - settled_or_waiting(states)


def settled_or_waiting(states: dict[str, str]) -> set[str]:
    return {name for name, state in states.items() if state != "sending"}
