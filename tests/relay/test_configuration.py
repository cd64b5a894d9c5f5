"""The configuration of a running poller while its stores come and go."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.redis import RedisServer

KEY = "r:ss:config:"
WANTED, FOREIGN = "wanted@sender.example", "foreign@sender.example"
EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def put(redis: RedisServer, name: str, **fields: object) -> None:
    with redis.client() as client:
        client.set(KEY + name, json.dumps(fields))


def test_without_redis_the_same_senders_count_as_before(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_server: RedisServer,
    redis_url: str,
) -> None:
    put(redis_server, "polling_config", sender_of_interest_for_polling=[WANTED])
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line("IMAP connected")
    redis_server.kill()
    mailbox.append(mail("foreign", sender=FOREIGN))
    mailbox.append(mail("wanted", sender=WANTED))
    (request,) = endpoint.wait_for(1, 20)
    assert request.json["subject"] == "wanted"
    runpoller.wait_line("Configuration store Redis cannot be reached")
    redis_server.start()
    runpoller.wait_line("Redis came back without polling_config")
    mailbox.append(mail("foreign again", sender=FOREIGN))
    mailbox.append(mail("wanted again", sender=WANTED))
    endpoint.wait_for(2, 20)
    assert [request.json["subject"] for request in endpoint.requests] == ["wanted", "wanted again"]


def test_a_pause_stays_a_pause_while_redis_is_away_and_over_a_restart(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_server: RedisServer,
    redis_url: str,
    tmp_path: Path,
) -> None:
    put(redis_server, "webhook_config", absence_pause_enabled=True, absence_pause_days=EVERY_DAY)
    options = {"mailbox": mailbox, "endpoint": endpoint, "folder": tmp_path / "disk"}
    runpoller = make_runpoller(REDIS_URL=redis_url, **options)
    runpoller.wait_line("IMAP connected")
    mailbox.append(mail("held"))
    runpoller.wait_line("absence")
    redis_server.kill()
    time.sleep(4)
    runpoller.stop()
    again = make_runpoller(REDIS_URL=redis_url, **options)
    again.wait_line("absence")
    time.sleep(3)
    assert endpoint.requests == []


def test_the_stores_are_not_asked_for_each_mail(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    redis_server: RedisServer,
    redis_url: str,
) -> None:
    for number in range(200):
        mailbox.append(mail(f"Lot {number}"))
    with redis_server.client() as client:
        client.config_resetstat()
        begun = time.monotonic()
        make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
        endpoint.wait_for(200, 60)
        reads = client.info("commandstats").get("cmdstat_get", {"calls": 0})["calls"]
    # Three documents each two seconds, the lock, and what a start reads.
    assert reads < 30 + 4 * (time.monotonic() - begun)
