"""What servers do to a client that waits for news."""

from __future__ import annotations

import time

import pytest

from polling import news
from tests.failure_modes.conftest import MakeWorld
from tests.failure_modes.world import World, row
from tests.polling.examples import mail
from tests.polling.serving import Serving
from tests.relay.waiting import eventually
from tests.servers.fixtures import MakeImap, MakeProxy
from tests.servers.imap_replies import hang_up, say, silence, times
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Hook, Session
from webhooks.models import Delivery


def round_by_round(serving: Serving, mails: int, seconds: float = 10.0) -> None:
    """Until so many were taken in."""
    ends = time.monotonic() + seconds
    while Delivery.objects.count() < mails:
        assert time.monotonic() < ends
        time.sleep(min(serving.poller.step(), 3))


def close_after_plus(session: Session, command: Command) -> None:
    session.send("+ idling\r\n")
    session.close()


@row(13)
@pytest.mark.parametrize("close", [close_after_plus, hang_up])
def test_a_peer_that_closes_while_idling_costs_no_loop(
    world: World, server: ScriptedImap, close: Hook
) -> None:
    server.on("IDLE", close)
    world.start()
    world.trouble("transient", "IDLE failed")
    eventually(lambda: len(server.named("IDLE")) >= 3)
    server.on("IDLE", None)
    world.add("after")
    world.check()
    assert not server.named("NOOP")


@row(13)
def test_a_peer_that_closes_later_is_noticed_at_once(world: World, server: ScriptedImap) -> None:
    world.start()
    eventually(lambda: bool(server.named("IDLE")))
    time.sleep(0.5)
    server.hang_up()
    world.add("after")
    world.check(connections=2)


@row(14)
def test_a_connection_that_died_silently_while_idling_is_found_out_at_the_next_renewal(
    server: ScriptedImap,
    serving: Serving,
    make_proxy: MakeProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = make_proxy(server.port)
    serving.describe(server, imap_port=proxy.port)
    monkeypatch.setattr(news, "IDLE_SECONDS", 1.0)

    def cut_the_cable(session: Session, command: Command) -> None:
        session.send("+ idling\r\n")
        session.pause(0.2)
        proxy.freeze()
        server.on("IDLE", None)
        server.add(mail().as_bytes())

    server.on("IDLE", cut_the_cable)
    begun, busy = time.monotonic(), time.thread_time()
    round_by_round(serving, 1)
    assert time.monotonic() - begun < 8
    assert time.thread_time() - busy < 2
    assert proxy.connections == 2
    assert proxy.most_open == 1


@row(15)
def test_the_end_of_idling_that_is_never_confirmed_is_not_waited_for(
    world: World, server: ScriptedImap
) -> None:
    def mute_after_news(session: Session, command: Command) -> None:
        session.send("+ idling\r\n* 1 EXISTS\r\n")
        silence(session, command)

    server.on("IDLE", mute_after_news)
    world.start()
    world.trouble("transient", "IDLE timeout after 2 s")
    server.on("IDLE", None)
    world.add("after")
    world.check()


@row(16)
def test_a_mail_announced_with_the_plus_of_idle_is_not_overlooked(
    world: World, server: ScriptedImap
) -> None:
    def plus_and_news(session: Session, command: Command) -> None:
        server.on("IDLE", None)
        world.add("mail")
        session.send("+ idling\r\n* 1 EXISTS\r\n")
        session.read_line()
        session.ok(command)

    server.on("IDLE", plus_and_news)
    world.start()
    world.endpoint.wait_for(1)
    world.check(connections=1)


@row(17)
def test_a_mail_announced_before_the_plus_of_idle_is_found_on_a_new_connection(
    world: World, server: ScriptedImap
) -> None:
    def news_and_plus(session: Session, command: Command) -> None:
        session.send("* 1 EXISTS\r\n+ idling\r\n")
        session.read_line()
        session.ok(command)

    server.on("IDLE", news_and_plus)
    world.start()
    world.trouble("transient", "IDLE failed: .*Unexpected IDLE response")
    world.add("after")
    server.on("IDLE", None)
    world.check()


@row(18)
@pytest.mark.parametrize("refusal", ["NO not now", "BAD what is that"])
def test_a_server_that_advertises_idle_and_refuses_it_is_polled(
    world: World, server: ScriptedImap, refusal: str
) -> None:
    server.on("IDLE", say(refusal))
    world.start()
    world.trouble("transient", "IDLE failed")
    eventually(lambda: len(server.named("NOOP")) >= 2)
    world.add("after")
    world.check(connections=3)
    assert len(server.named("IDLE")) == 2


@row(18)
def test_a_server_that_has_refused_idle_is_asked_again_in_an_hour(
    server: ScriptedImap, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(news, "NO_IDLE_SECONDS", 3.0)
    assert news.NO_IDLE_SECONDS < 3600
    server.on("IDLE", times(2, say("NO not now")))
    ends = time.monotonic() + 20
    while len(server.named("IDLE")) < 3:
        assert time.monotonic() < ends
        time.sleep(min(serving.poller.step(), 3))
    assert server.named("NOOP")
    assert server.connections == 3


@row(19)
@pytest.mark.parametrize("tls", [False, True])
def test_half_a_line_while_idling_loses_nothing(
    make_imap: MakeImap, make_world: MakeWorld, tls: bool
) -> None:
    server = make_imap(tls=tls)
    world = make_world(server, imap_security="tls" if tls else "none")

    def half_a_line(session: Session, command: Command) -> None:
        server.on("IDLE", None)
        session.send("+ idling\r\n")
        session.pause(0.3)
        world.add("mail")
        session.send("* 1 EXI")
        session.read_line()
        session.send("STS\r\n")
        session.ok(command)

    server.on("IDLE", half_a_line)
    world.start()
    world.endpoint.wait_for(1)
    world.check(connections=1)


@row(19)
@pytest.mark.parametrize("tls", [False, True])
def test_half_a_line_that_never_gets_whole_costs_a_connection_and_no_mail(
    make_imap: MakeImap, make_world: MakeWorld, tls: bool
) -> None:
    server = make_imap(tls=tls)
    world = make_world(server, imap_security="tls" if tls else "none")

    def half_a_line(session: Session, command: Command) -> None:
        session.send("+ idling\r\n")
        session.pause(0.1)
        session.send("* 1 EXI")
        session.pause(0.1)
        session.close()

    server.on("IDLE", half_a_line)
    world.start()
    world.trouble("transient", "IDLE failed")
    world.add("after")
    server.on("IDLE", None)
    world.check()


@row(20)
def test_a_server_that_never_pushes_is_searched_after_each_time_of_idling(
    server: ScriptedImap, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "IDLE_SECONDS", 1.0)

    def never_push(session: Session, command: Command) -> None:
        server.on("IDLE", say("BAD once is enough"))
        session.send("+ idling\r\n")
        server.add(mail().as_bytes())
        session.read_line()
        session.ok(command)

    server.on("IDLE", never_push)
    begun, busy = time.monotonic(), time.thread_time()
    serving.poller.step()
    assert time.monotonic() - begun < 8
    assert serving.poller.step() >= 0
    assert Delivery.objects.count() == 1
    assert server.connections == server.most_open == 1
    assert time.thread_time() - busy < 1
