"""An endpoint that is away for a while: all delivered afterwards, none doubled."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.polling.examples import mail
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, Answer, redirect
from tests.servers.mailbox import Mailbox

MAILS = 20
AWAY_SECONDS = 8


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(status=500),
        Answer(status=404),
        Answer(body=b'{"success": false}'),
        redirect("http://127.0.0.1:1/"),
        CLOSE,
        HANG,
        Answer(drip_head=0.2),
        Answer(drip_body=0.5),
    ],
    ids=["500", "404", "refusal", "redirect", "close", "hang", "header drip", "body drip"],
)
def test_all_mails_of_an_outage_are_delivered_once(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    tmp_path: Path,
    trouble: Answer,
) -> None:
    config = tmp_path / "container" / "config"
    config.mkdir(parents=True)
    (config / "processing_prefs.json").write_text('{"webhook_timeout_sec": 2}')
    endpoint.answer(trouble)
    mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("Not delivered", timeout=40)
    time.sleep(AWAY_SECONDS)
    tried = len(endpoint.requests)
    assert tried < 3 * MAILS
    endpoint.clear()
    endpoint.answer(Answer())
    endpoint.wait_for(MAILS, timeout=40)
    time.sleep(1)
    subjects = sorted(request.json["subject"] for request in endpoint.requests)
    assert subjects == sorted({f"mail {number}" for number in range(MAILS)})
