"""The relay and the R2 Worker itself, on its runtime."""

from __future__ import annotations

import os

from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeWorker
from tests.servers.mailbox import Mailbox
from tests.servers.worker import PUBLIC_BASE_URL, Worker

FILE = "https://www.dropbox.com/scl/fi/abc/lot%20d%27%C3%A9t%C3%A9.zip?rlkey=k&dl=0"


def zipped(content: bytes) -> Answer:
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": "attachment; filename*=UTF-8''lot%20d%27%C3%A9t%C3%A9.zip",
    }
    return Answer(body=content, headers=headers)


def test_the_file_behind_a_link_is_where_the_webhook_says(
    mailbox: Mailbox, endpoint: Endpoint, worker: Worker, make_runpoller: MakeRunpoller
) -> None:
    content = b"PK\x03\x04" + os.urandom(1_000_000)
    worker.source.answer(zipped(content))
    mailbox.append(mail(text=f"Voici : {FILE}\n"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **worker.environment())
    (request,) = endpoint.wait_for(1)
    (link,) = request.json["delivery_links"]
    assert link["original_filename"] == "lot d'été.zip"
    stored = worker.stored(link["r2_url"].removeprefix(f"{PUBLIC_BASE_URL}/"))
    assert stored is not None
    assert stored.content == content
    runpoller.wait_line("R2_TRANSFER: success url=https://www.dropbox.com/scl/fi/abc/")


def test_a_page_instead_of_a_file_leaves_the_links_of_the_mail(
    mailbox: Mailbox, endpoint: Endpoint, worker: Worker, make_runpoller: MakeRunpoller
) -> None:
    worker.source.answer(Answer(body=b"<html>log in</html>", headers={"Content-Type": "text/html"}))
    mailbox.append(mail(text=f"Voici : {FILE}\n"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **worker.environment())
    (request,) = endpoint.wait_for(1)
    (link,) = request.json["delivery_links"]
    assert set(link) == {"provider", "raw_url", "direct_url"}
    runpoller.wait_line(r"WARNING .*R2_TRANSFER: failed url=.* error=HTTP 422: .*\(fallback to")


def test_a_worker_that_knows_another_token_refuses(
    mailbox: Mailbox, endpoint: Endpoint, worker: Worker, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail(text=f"Voici : {FILE}\n"))
    variables = worker.environment() | {"R2_FETCH_TOKEN": "another"}
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **variables)
    endpoint.wait_for(1)
    runpoller.wait_line("R2_TRANSFER: failed url=.* error=HTTP 401: ")
    assert worker.source.requests == []


def test_a_source_that_is_too_slow_for_the_worker_does_not_keep_the_mail(
    mailbox: Mailbox, endpoint: Endpoint, make_worker: MakeWorker, make_runpoller: MakeRunpoller
) -> None:
    worker = make_worker(TIMEOUT_SECONDS="0.5")
    worker.source.answer(Answer(delay=60))
    mailbox.append(mail(text=f"Voici : {FILE}\n"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, **worker.environment())
    endpoint.wait_for(1)
    runpoller.wait_line("R2_TRANSFER: failed url=.* error=HTTP 504: ")
