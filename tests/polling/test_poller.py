"""The rounds of a poller, one by one, on a scripted server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.utils import timezone

from polling.lease import Lease
from polling.lock import FileLock
from polling.models import Mail
from tests.polling.examples import mail
from tests.polling.fake_lock import TTL, FakeRedisLock, World
from tests.polling.serving import Serving
from tests.servers.fixtures import MakeImap
from tests.servers.imap_replies import say
from tests.servers.imap_script import ScriptedImap
from tests.webhooks.examples import enqueue
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db
REFUSED = say("NO [AUTHENTICATIONFAILED] no")


@pytest.fixture
def server(make_imap: MakeImap) -> ScriptedImap:
    server = make_imap()
    server.capabilities = "IMAP4rev1 AUTH=PLAIN SASL-IR"  # it is asked, and nobody waits for it
    return server


@pytest.fixture
def serving(server: ScriptedImap, tmp_path: Path) -> Iterator[Serving]:
    lease = Lease("default", None, FileLock(tmp_path / "lock", "default"), 300)
    lease.tick()
    serving = Serving(server, lease)
    yield serving
    serving.close()
    lease.release()


def fail() -> NoReturn:
    raise RuntimeError("a fault of our own")


def test_a_refused_login_is_not_tried_again_however_often_somebody_wakes_us(
    server: ScriptedImap, serving: Serving
) -> None:
    server.on("AUTHENTICATE", REFUSED)
    serving.poller.step()
    for number in range(20):
        serving.poller.settled({f"mail-{number}"})
        serving.describe(server, exclude_keywords=[f"word {number}"])
        assert serving.poller.step() > 100
    assert server.connections == 1


def test_a_changed_account_is_tried_at_once(server: ScriptedImap, serving: Serving) -> None:
    server.on("AUTHENTICATE", REFUSED)
    serving.poller.step()
    serving.describe(server, imap_password="another one")
    serving.poller.step()
    assert server.connections == 2


def test_after_a_fault_of_our_own_nobody_hammers_the_server(
    server: ScriptedImap, serving: Serving
) -> None:
    serving.news = fail
    serving.poller.step()
    serving.news = lambda: None
    serving.poller.settled({"mail-1"})
    assert serving.poller.step() > 0
    assert server.connections == 0


def test_what_was_queued_in_a_former_term_waits_until_the_mailbox_was_asked_again(
    server: ScriptedImap, world: World
) -> None:
    world.a.tick()
    serving = Serving(server, world.a, interval_seconds=1)
    serving.poller.step()
    enqueue("mail-1", at=timezone.now())
    assert serving.poller.admission.open
    world.now += TTL
    FakeRedisLock.holder_value = ""
    world.b.tick()
    world.b.release()
    world.a.tick()
    assert not serving.poller.admission.open
    serving.poller.step()
    assert serving.poller.admission.open
    assert server.connections == 2
    serving.close()


def test_what_is_settled_is_marked_before_it_stands_down(
    server: ScriptedImap, serving: Serving
) -> None:
    serving.describe(server, interval_seconds=1)
    server.add(mail().as_bytes())
    serving.poller.step()
    Delivery.objects.update(state=State.DELIVERED)
    serving.poller.settled({Mail.objects.get().message_id})
    serving.describe(server, enable_polling=False)
    assert serving.poller.step() > 0
    assert "$RenderSignal" in server.mails[0].flags
    assert server.named("LOGOUT")
    serving.poller.step()
    assert server.connections == 1
