"""A container with a database of its own, started again."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from tests.polling.examples import mail
from tests.relay.health import health_parts
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_port


def left_waiting(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    """Three mails in the database of a container that has ended; its endpoint is well again."""
    endpoint.refuse()
    mailbox.drop([mail(f"mail {number}") for number in range(3)])
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line("Not delivered")
    runpoller.stop()
    endpoint.refuse(False)


@pytest.mark.parametrize("away", ["the mailbox refuses", "vacation"])
def test_what_waits_goes_out_without_the_mailbox_if_nobody_else_was_at_work(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_url: str,
    away: str,
) -> None:
    left_waiting(mailbox, endpoint, make_runpoller, redis_url)
    variables = mailbox.environment(free_port()) | {"REDIS_URL": redis_url}
    if away == "vacation":
        with Redis.from_url(redis_url) as client:
            client.set("r:ss:config:polling_config", '{"vacation_end": "2099-01-01"}')
    make_runpoller(endpoint=endpoint, **variables)
    endpoint.wait_for(3, timeout=20)


def test_what_another_may_have_sent_waits_for_the_mailbox_and_everybody_is_told(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    left_waiting(mailbox, endpoint, make_runpoller, redis_url)
    with Redis.from_url(redis_url) as client:
        client.set("render_signal:poller_lock_last", "pid=1 host=another token=x")
        client.set("r:ss:config:polling_config", '{"vacation_end": "2099-01-01"}')
        runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
        runpoller.wait_line("3 deliveries of mailbox default wait until the mailbox can be asked")
        time.sleep(8)
        assert endpoint.requests == []
        part = health_parts(runpoller, make_runpoller)["deliveries"]
        assert (part["status"], part["waiting"]) == ("degraded", 3)
        assert "can be asked whether another container has sent them" in part["detail"]
        client.delete("r:ss:config:polling_config")
    endpoint.wait_for(3, timeout=20)
