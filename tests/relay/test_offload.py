"""Files go to R2 before the webhook leaves: the whole relay, with a stand-in for the Worker."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.polling.examples import LINK, mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, Answer, Request
from tests.servers.fake_worker import answering, asked_for, store, store_after, stored_at
from tests.servers.mailbox import Mailbox

SMASH = "https://fromsmash.com/abc"
BOTH = f"Voici : {LINK}\net {SMASH}\n"


def hanging_on(part: str) -> Callable[[Request], Answer]:
    return lambda request: HANG if part in request.json["source_url"] else store(request)


def test_a_mail_arrives_with_its_files_in_r2(
    mailbox: Mailbox, endpoint: Endpoint, fake_worker: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail(text=f"Voici : {LINK.replace('&', '&amp;')}\net {SMASH}\n"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    (request,) = endpoint.wait_for(1)
    asked = {fetch["provider"]: fetch for fetch in asked_for(fake_worker)}
    assert asked["dropbox"]["source_url"] == LINK.replace("dl=0", "dl=1")
    assert asked["fromsmash"]["source_url"] == SMASH
    for link in request.json["delivery_links"]:
        assert link["r2_url"] == stored_at(asked[link["provider"]]["object_key"])
        assert link["original_filename"] == "lot-12.zip"
    ids = {fetch["email_id"] for fetch in asked.values()}
    assert ids == {request.json["microsoft_graph_email_id"]}
    masked = LINK.partition("?")[0] + r"\?…"
    runpoller.wait_line(f"R2_TRANSFER: success url={masked} r2_url=https://files.example.org/drop")
    assert "rlkey" not in runpoller.output
    assert fake_worker.requests[0].headers["X-R2-FETCH-TOKEN"] not in runpoller.output


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (CLOSE, "the Worker cannot be reached (RemoteDisconnected)"),
        (answering(401, success=False, error="unauthorised"), "HTTP 401: unauthorised"),
        (answering(507, success=False, error="quota exceeded"), "HTTP 507: quota exceeded"),
        (Answer(body=b"<html>"), "HTTP 200: the answer is no JSON object"),
        (HANG, "no answer within 15 s"),
    ],
    ids=["down", "unauthorised", "quota", "page", "silent"],
)
def test_whatever_the_worker_does_the_mail_arrives_with_the_links_it_had(
    mailbox: Mailbox,
    endpoint: Endpoint,
    fake_worker: Endpoint,
    make_runpoller: MakeRunpoller,
    trouble: Answer,
    error: str,
) -> None:
    fake_worker.answer(trouble)
    uid = mailbox.append(mail(text=f"Voici : {SMASH}\n"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    (request,) = endpoint.wait_for(1, timeout=25)
    assert request.json["delivery_links"] == [
        {"provider": "fromsmash", "raw_url": SMASH, "direct_url": None}
    ]
    line = runpoller.wait_line("R2_TRANSFER")
    said = f"R2_TRANSFER: failed url={SMASH} error={error} (fallback to source URLs)"
    of_mail = f"[message_id={request.json['microsoft_graph_email_id']}]"
    assert line.text.endswith(f" WARNING webhooks.worker {said} {of_mail}")
    eventually(lambda: "$RenderSignal" in mailbox.flags()[uid])


def test_a_kill_between_transfer_and_first_try_repeats_nothing_but_the_transfer(
    mailbox: Mailbox, endpoint: Endpoint, fake_worker: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    fake_worker.answer(hanging_on("/scl/fo/"))
    mailbox.append(mail(text=BOTH))
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    first.wait_line("R2_TRANSFER: success url=https://fromsmash.com/abc")
    fake_worker.wait_for(2)
    first.kill()
    assert endpoint.requests == []
    fake_worker.answer(store)
    make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    (request,) = endpoint.wait_for(1, timeout=25)
    keys: dict[str, set[str]] = {}
    for fetch in asked_for(fake_worker):
        keys.setdefault(fetch["source_url"], set()).add(fetch["object_key"])
    assert [len(found) for found in keys.values()] == [1, 1]
    assert all("r2_url" in link for link in request.json["delivery_links"])
    time.sleep(1)
    assert len(endpoint.requests) == 1


def test_a_kill_after_the_first_try_sends_the_same_bytes(
    mailbox: Mailbox, endpoint: Endpoint, fake_worker: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    """Also when the Worker has gone in between."""
    endpoint.answer(HANG)
    mailbox.append(mail(text=BOTH))
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    endpoint.wait_for(1)
    first.kill()
    endpoint.answer(Answer())
    fake_worker.answer(CLOSE)
    make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    one, two = endpoint.wait_for(2, timeout=25)
    assert one.body == two.body
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert b"r2_url" in one.body


def test_kills_in_the_middle_of_many_transfers_lose_and_double_nothing(
    mailbox: Mailbox,
    endpoint: Endpoint,
    fake_worker: Endpoint,
    make_runpoller: MakeRunpoller,
) -> None:
    mails = 40
    fake_worker.answer(store_after(lambda _: 0.3))
    mailbox.drop([mail(f"mail {n}", text=f"https://fromsmash.com/lot-{n}\n") for n in range(mails)])
    for kill in (8, 24):
        runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
        fake_worker.wait_for(kill, timeout=30)
        runpoller.kill()
    make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == mails, 40)
    requests = endpoint.requests
    bodies = {(request.headers["webhook-id"], request.body) for request in requests}
    assert len(bodies) == mails
    assert all("r2_url" in request.json["delivery_links"][0] for request in requests)
    keys = {(fetch["source_url"], fetch["object_key"]) for fetch in asked_for(fake_worker)}
    assert len(keys) == mails


def test_a_stop_does_not_wait_for_a_slow_folder(
    mailbox: Mailbox,
    endpoint: Endpoint,
    fake_worker: Endpoint,
    make_runpoller: MakeRunpoller,
) -> None:
    fake_worker.answer(HANG)
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    fake_worker.wait_for(1)
    assert runpoller.stop() < 5
    assert runpoller.returncode == 0
    assert "R2_TRANSFER" not in runpoller.output
    with closing(sqlite3.connect(runpoller.folder / "db.sqlite3")) as database:
        (row,) = database.execute("SELECT state, attempts, token FROM webhooks_delivery")
    assert row == ("queued", 0, None)
    fake_worker.answer(store)
    make_runpoller(mailbox=mailbox, endpoint=endpoint, fake_worker=fake_worker)
    (request,) = endpoint.wait_for(1)
    assert "r2_url" in request.json["delivery_links"][0]
