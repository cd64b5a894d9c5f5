"""kill -9 exactly at each crash point: what is lost, and what is sent again."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import get_args

import pytest

from runtime import faults
from tests.chaos import journal
from tests.chaos.crash import CRASHES, Crash
from tests.chaos.killed import FOLDER, Relay
from tests.polling.examples import LINK, mail
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer, Request
from tests.servers.fake_worker import asked_for, store
from tests.sources import sources

TEXT = f"{LINK}\nhttps://fromsmash.com/abc\n"
POINTS = set(get_args(faults.Point))


def json_refused(request: Request) -> Answer:
    form = request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    return Answer() if form else Answer(status=415)


def one_file_hangs(request: Request) -> Answer:
    return HANG if "dropbox" in request.json["source_url"] else store(request)


def prepare(crash: Crash, relay: Relay, fake_worker: Endpoint) -> None:
    """What it takes to come by that point."""
    if crash.row == "C8":
        relay.endpoint.answer(json_refused)
    if crash.offloads:
        relay.options["fake_worker"] = fake_worker
    if crash.between_files:
        fake_worker.answer(one_file_hangs)
    if crash.stops:
        relay.endpoint.answer(HANG)
    if crash.moves:
        document = {"after_relay": "move", "after_relay_folder": FOLDER}
        relay.redis.set("r:ss:config:polling_config", json.dumps(document))
    relay.mailbox.append(mail(text=TEXT))


@pytest.mark.parametrize("disk", ["kept", "lost"])
@pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: f"{crash.row}-{crash.point}")
def test_a_mail_is_relayed_as_the_table_of_crash_points_says(
    crash: Crash, disk: str, relay: Relay, fake_worker: Endpoint
) -> None:
    prepare(crash, relay, fake_worker)
    relay.die_at(crash.point, while_stopping=crash.stops)
    relay.endpoint.wait_for(crash.sent)
    assert list(journal.states(relay.folder).values()) == ([crash.state] if crash.state else [])
    assert relay.settled() == crash.marked
    if crash.stops:
        relay.endpoint.answer(Answer())
    fake_worker.answer(store)
    if disk == "lost":
        shutil.rmtree(relay.folder)
    relay.finish(complete=disk == "kept")

    requests = relay.endpoint.requests
    assert len(requests) == crash.sent + (crash.kept if disk == "kept" else crash.lost)
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    assert set(journal.states(relay.folder).values()) <= {"delivered"}
    assert list(journal.tries(relay.folder).values()) == expected_tries(crash, disk)
    if crash.offloads:
        assert_files_have_one_place(fake_worker, requests[0])


def expected_tries(crash: Crash, disk: str) -> list[list[str]]:
    """The journal of a lost disk begins anew, and knows of its own requests only."""
    if disk == "lost":
        return [["delivered"]] if crash.lost else []
    return [["unknown", "delivered"] if crash.state == "sending" else ["delivered"]]


def assert_files_have_one_place(fake_worker: Endpoint, request: Request) -> None:
    places = defaultdict(set)
    for asked in asked_for(fake_worker):
        places[asked["source_url"]].add(asked["object_key"])
    assert [len(keys) for keys in places.values()] == [1, 1]
    assert all("r2_url" in link for link in request.json["delivery_links"])


def test_a_second_crash_that_costs_the_disk_too_loses_nothing(relay: Relay) -> None:
    """What the first one left in the journal is not taken for settled."""
    relay.mailbox.append(mail(text=TEXT))
    relay.die_at("delivery.claimed")
    relay.die_at("delivery.claimed")
    assert list(journal.tries(relay.folder).values()) == [["unknown", "unknown"]]
    assert relay.settled() == 0
    shutil.rmtree(relay.folder)
    relay.finish(complete=False)
    assert len(relay.endpoint.requests) == 1


def test_without_redis_the_loss_of_the_disk_before_the_mark_costs_one_repeat(relay: Relay) -> None:
    relay.mailbox.append(mail(text=TEXT))
    relay.options["REDIS_URL"] = ""
    relay.die_at("delivery.remembered")
    shutil.rmtree(relay.folder)
    relay.finish(complete=False)
    first, second = relay.endpoint.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_a_redis_that_lost_its_data_with_the_disk_costs_one_repeat(relay: Relay) -> None:
    relay.mailbox.append(mail(text=TEXT))
    relay.die_at("delivery.remembered")
    shutil.rmtree(relay.folder)
    relay.redis.flushall()
    relay.finish(complete=False)
    first, second = relay.endpoint.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_what_was_delivered_to_another_address_is_sent_to_the_new_one(relay: Relay) -> None:
    relay.mailbox.append(mail(text=TEXT))
    relay.die_at("delivery.remembered")
    shutil.rmtree(relay.folder)
    moved = relay.endpoint.url.replace("/hook", "/moved")
    relay.redis.set("r:ss:config:webhook_config", json.dumps({"webhook_url": moved}))
    relay.finish(complete=False)
    assert [request.path for request in relay.endpoint.requests] == ["/hook", "/moved"]


def calls() -> Iterator[str]:
    """Of the packages that a mail passes."""
    for source in sources("polling", "webhooks"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault":
                yield ast.literal_eval(node.args[0])


def test_each_point_is_passed_in_one_place_of_the_code_and_tested() -> None:
    assert Counter(calls()) == dict.fromkeys(POINTS, 1)
    assert {crash.point for crash in CRASHES} == POINTS


def test_a_point_is_nothing_in_the_product() -> None:
    (function,) = ast.parse(inspect.getsource(faults.fault)).body
    assert isinstance(function, ast.FunctionDef)
    assert [type(statement) for statement in function.body] == [ast.Expr]
    assert ast.get_docstring(function)
