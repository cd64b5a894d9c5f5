"""When what is queued may be sent without asking the mailbox."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.utils import timezone

from polling.admission import Admission
from polling.lease import Lease
from polling.models import KnownTerm
from tests.polling.fake_lock import TTL, FakeRedisLock, World
from tests.webhooks.examples import enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue() -> None:
    enqueue("mail-1", at=timezone.now())


def considered(lease: Lease, nobody_to_ask: bool = False) -> Admission:
    """By a process that has just been started and has the lock."""
    admission = Admission(lease, lambda: None)
    lease.tick()
    admission.consider(lease.term(), nobody_to_ask)
    return admission


def have_been_at_work(world: World) -> None:
    """Our process, with this database, and it has ended."""
    former = world.lease("a", Path("/nonexistent/lock"))
    admission = Admission(former, lambda: None)
    former.tick()
    admission.ask(former.term(), lambda: None)
    former.release()


@pytest.mark.usefixtures("queue")
def test_who_had_the_lock_last_sends_at_once(world: World) -> None:
    have_been_at_work(world)
    assert considered(world.a).open


@pytest.mark.usefixtures("queue")
def test_when_another_had_it_since_the_mailbox_is_asked(world: World) -> None:
    have_been_at_work(world)
    world.b.tick()
    world.b.release()
    admission = considered(world.a)
    assert not admission.open
    asked: list[str] = []
    admission.ask(world.a.term(), lambda: asked.append("withdrawn"))
    assert admission.open
    assert asked == ["withdrawn"]


@pytest.mark.usefixtures("queue")
def test_where_all_share_a_database_nobody_needs_to_be_asked(world: World) -> None:
    have_been_at_work(world)
    world.b.tick()
    world.b.release()
    assert considered(world.a).open


@pytest.mark.usefixtures("queue")
def test_a_term_that_was_never_admitted_vouches_for_nothing(world: World) -> None:
    have_been_at_work(world)
    world.b.tick()
    world.b.release()
    first = world.lease("a", Path("/nonexistent/lock"))
    assert not considered(first).open
    first.release()
    assert not considered(world.a).open


@pytest.mark.usefixtures("queue")
def test_a_redis_that_lost_its_memory_vouches_for_nothing(world: World) -> None:
    have_been_at_work(world)
    FakeRedisLock.reset()
    assert not considered(world.a).open


@pytest.mark.usefixtures("queue")
def test_while_redis_is_away_others_may_have_a_file_of_their_own(world: World) -> None:
    have_been_at_work(world)
    FakeRedisLock.down = True
    assert not considered(world.a).open
    FakeRedisLock.down = False
    world.run(6, world.a)
    admission = Admission(world.a, lambda: None)
    admission.consider(world.a.term())
    assert not admission.open


@pytest.mark.usefixtures("queue")
def test_without_redis_url_there_is_nobody_else(world: World, tmp_path: Path) -> None:
    lease = world.lease("c", tmp_path / "c.lock", redis=False)
    assert considered(lease).open
    lease.release()


@pytest.mark.usefixtures("queue")
def test_where_no_mailbox_is_named_nobody_can_be_asked(world: World) -> None:
    assert considered(world.a, nobody_to_ask=True).open


def test_with_nothing_queued_there_is_nothing_to_ask(world: World) -> None:
    assert considered(world.a).open


def test_an_admission_ends_with_its_term(world: World) -> None:
    admission = considered(world.a)
    world.now += TTL
    assert not admission.open


@pytest.mark.usefixtures("queue")
def test_what_is_held_back_is_said_once_in_a_term(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    admission = considered(world.a)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            admission.tell(world.a.term())
    assert [line for line in caplog.messages if "BG_POLLER" not in line] == [
        "1 deliveries of mailbox default wait until the mailbox can be asked whether another "
        "container has sent them"
    ]
    assert KnownTerm.objects.get().held_back
    admission.ask(world.a.term(), lambda: None)
    assert not KnownTerm.objects.get().held_back
