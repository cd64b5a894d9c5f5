"""Starting, stopping and taking over, with real processes and a real Redis."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from redis import Redis

from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeProxy
from tests.servers.mailbox import Mailbox

KEY = "render_signal:poller_lock"
ACQUIRED = r"BG_POLLER: Singleton lock acquired \(Redis\) pid=\d+$"


def test_of_two_one_works_and_the_other_takes_over_within_six_seconds(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    first = make_runpoller(
        mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "a", REDIS_URL=redis_url
    )
    first.wait_line(ACQUIRED)
    second = make_runpoller(
        mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "b", REDIS_URL=redis_url
    )
    second.wait_line("Waiting for the lock: it is held by pid=")
    mailbox.drop([mail(f"mail {number}") for number in range(30)])
    endpoint.wait_for(30)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 30)
    stopped = time.monotonic()
    assert first.stop() < 20
    assert second.wait_line(ACQUIRED, timeout=6, after=stopped)
    mailbox.append(mail("after"))
    endpoint.wait_for(31)
    time.sleep(0.5)
    assert len(endpoint.requests) == 31


@pytest.mark.parametrize("mailbox_silent", [False, True])
def test_a_request_that_hangs_does_not_keep_the_mailbox_from_the_next_one(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_proxy: MakeProxy,
    redis_url: str,
    tmp_path: Path,
    mailbox_silent: bool,
) -> None:
    proxy = make_proxy(mailbox.port)
    variables = {"REDIS_URL": redis_url, **mailbox.environment(proxy.port)}
    endpoint.answer(Answer(instead="hang"))
    mailbox.append(mail())
    first = make_runpoller(endpoint=endpoint, folder=tmp_path / "a", **variables)
    endpoint.wait_for(1)
    second = make_runpoller(endpoint=endpoint, folder=tmp_path / "b", **variables)
    second.wait_line("Waiting for the lock")
    if mailbox_silent:
        time.sleep(1)  # idling by now
        proxy.freeze()
    begun = time.monotonic()
    first.signal(signal.SIGTERM)
    assert second.wait_line(ACQUIRED, after=begun).time - begun < 6
    proxy.pass_through()
    endpoint.answer(Answer())
    sent = endpoint.wait_for(2)
    assert len({request.headers["webhook-id"] for request in sent}) == 1
    assert first.wait() == 0
    assert time.monotonic() - begun < 20
    assert "IMAP reconnect" not in first.output


def test_a_killed_holder_of_this_machine_is_replaced_at_once(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    first.wait_line(ACQUIRED)
    first.kill()
    make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url).wait_line(ACQUIRED)


def test_the_key_is_gone_after_an_orderly_stop(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line(ACQUIRED)
    with Redis.from_url(redis_url) as client:
        assert client.get(KEY).startswith(f"pid={runpoller.pid} ".encode())
        runpoller.stop()
        assert client.get(KEY) is None
    assert runpoller.returncode == 0


def test_a_request_under_way_at_the_stop_is_finished_and_acknowledged(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(delay=2.0))
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(1)
    assert runpoller.stop() < 10
    assert mailbox.uids("KEYWORD $RenderSignal") != []


def test_a_request_that_never_ends_is_cut_and_sent_again_with_its_id(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(instead="hang"))
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(1)
    assert runpoller.stop() < 20
    endpoint.answer(Answer())
    make_runpoller(mailbox=mailbox, endpoint=endpoint)
    first, second = endpoint.wait_for(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_without_redis_the_file_lock_is_used_and_said_to_be_unsafe(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    line = r"WARNING .*BG_POLLER: Using file-based lock \(unsafe for multi-container deployments\)$"
    runpoller.wait_line(line)


def test_what_one_container_left_waiting_and_another_delivered_is_not_sent_again(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    endpoint.refuse()
    mailbox.append(mail())
    here, there = tmp_path / "a", tmp_path / "b"
    variables = {"REDIS_URL": redis_url}
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=here, **variables)
    first.wait_line("Not delivered")
    first.stop()
    endpoint.refuse(False)
    second = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=there, **variables)
    endpoint.wait_for(1)
    eventually(lambda: mailbox.uids("KEYWORD $RenderSignal") != [])
    second.stop()
    again = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=here, **variables)
    again.wait_line("settled by another poller")
    time.sleep(1)
    assert len(endpoint.requests) == 1


def test_what_was_under_way_at_a_kill_and_another_delivered_is_not_sent_again(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    tmp_path: Path,
) -> None:
    endpoint.answer(Answer(instead="hang"))
    mailbox.append(mail())
    here, there = tmp_path / "a", tmp_path / "b"
    variables = {"REDIS_URL": redis_url, "REDIS_LOCK_TTL_SECONDS": "3"}
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=here, **variables)
    endpoint.wait_for(1)
    first.kill()
    endpoint.answer(Answer())
    second = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=there, **variables)
    endpoint.wait_for(2)
    eventually(lambda: mailbox.uids("KEYWORD $RenderSignal") != [])
    second.stop()
    again = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=here, **variables)
    again.wait_line("settled by another poller")
    time.sleep(11)  # until its claim would have been given back
    assert len(endpoint.requests) == 2
    assert mailbox.uids("KEYWORD $RenderSignalDead") == []


def test_it_waits_for_migrations_and_without_a_mailbox_it_idles(
    make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    empty = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    runpoller = make_runpoller(**empty)
    runpoller.wait_line("Waiting for `manage.py migrate`")
    assert make_runpoller("migrate", "-v0", **empty).wait() == 0
    runpoller.wait_line("No mailbox is set up", timeout=20)
    assert runpoller.stop() < 5


@pytest.mark.parametrize("down", ["refusing", "frozen"])
def test_redis_away_and_nothing_known_means_to_wait_and_not_to_guess(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_server: object,
    redis_url: str,
    down: str,
) -> None:
    """Defaults would open gates that somebody may have closed."""
    mailbox.append(mail())
    redis_server.stop() if down == "refusing" else redis_server.freeze()  # type: ignore[attr-defined]
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line("unsafe for multi-container")
    runpoller.wait_line("No mail is read: ", timeout=20)
    assert endpoint.requests == []
    redis_server.heal()  # type: ignore[attr-defined]
    endpoint.wait_for(1, timeout=20)
