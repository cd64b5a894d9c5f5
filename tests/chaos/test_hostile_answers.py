"""Answers that are made to fill a memory, or to keep a sender: the relay goes on."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.chaos.killed import Relay
from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.exchange import Answer
from tests.servers.runpoller import ManageCommand

MAILS = 12
HOSTILE = 4  # answers: with one more the endpoint would be left alone for a while
PIECE = b"x" * 65536
TEN_GB = 10 * 2**30 // len(PIECE)
MOST_GROWTH = 48 * 2**20
CHUNKED = {"Transfer-Encoding": "chunked"}
BOMB = gzip.compress(b"\0" * 200_000_000)
CHUNK = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
ANSWERS = {
    "10 GB": Answer(body=PIECE, times=TEN_GB),
    "10 GB of a failure": Answer(status=500, body=PIECE, times=TEN_GB),
    "10 GB in chunks": Answer(body=CHUNK, times=TEN_GB, headers=CHUNKED),
    "bomb": Answer(body=BOMB, headers={"Content-Encoding": "gzip"}),
    "bomb of a failure": Answer(status=503, body=BOMB, headers={"Content-Encoding": "gzip"}),
    "bad chunk": Answer(body=b"zz\r\nno chunk\r\n0\r\n\r\n", headers=CHUNKED),
    "chunk of 10 GB": Answer(body=b"280000000\r\n", headers={**CHUNKED, "Connection": "close"}),
    "head without end": Answer(headers={f"X-{number}": "x" * 60_000 for number in range(90)}),
}


def memory(runpoller: ManageCommand) -> int:
    """The most that it ever had, in bytes."""
    status = Path(f"/proc/{runpoller.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("name", ANSWERS)
def test_all_mails_are_delivered_in_bounded_time_and_memory(relay: Relay, name: str) -> None:
    runpoller = relay.start()
    relay.mailbox.append(mail("before"))
    relay.endpoint.wait_for(1, 30)
    before = memory(runpoller)
    relay.endpoint.answer_in_turn([ANSWERS[name]] * HOSTILE)
    relay.mailbox.drop([mail(f"mail {number}") for number in range(MAILS)])
    eventually(lambda: relay.settled() == MAILS + 1, 60)
    assert memory(runpoller) - before < MOST_GROWTH
    subjects = {request.json["subject"] for request in relay.endpoint.requests}
    assert subjects == {"before", *(f"mail {number}" for number in range(MAILS))}
    assert len(relay.endpoint.requests) <= MAILS + 1 + HOSTILE
    assert runpoller.stop() < 20
