"""Who is asked to stop twice does not finish anything."""

from __future__ import annotations

import signal
import time

from tests.chaos.killed import START_SECONDS, Relay
from tests.polling.examples import mail
from tests.servers.exchange import HANG, Answer


def test_the_second_request_to_stop_is_obeyed_at_once(relay: Relay) -> None:
    relay.endpoint.answer(HANG)
    relay.mailbox.append(mail())
    runpoller = relay.start()
    relay.endpoint.wait_for(1, START_SECONDS)
    runpoller.signal(signal.SIGTERM)
    time.sleep(1)
    assert runpoller.returncode is None  # the request is under way
    asked = time.monotonic()
    runpoller.signal(signal.SIGTERM)
    assert runpoller.wait(5) == 128 + signal.SIGTERM
    assert time.monotonic() - asked < 2
    relay.endpoint.answer(Answer())
    relay.finish(exit_codes=frozenset({0, 128 + signal.SIGTERM}))
    assert len(relay.endpoint.requests) == 2
