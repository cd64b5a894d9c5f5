"""The scan of all logs finds what it is there for."""

from __future__ import annotations

import logging
import sys

import pytest

from tests.canary import Canary, found_in
from tests.servers.dovecot import Dovecot
from tests.servers.fake_worker import TOKEN
from tests.servers.php import TOKEN as PHP_TOKEN
from tests.servers.provider import CLIENT_SECRET
from tests.servers.smtp import LOGIN

SECRETS = [Dovecot.password, TOKEN, PHP_TOKEN, CLIENT_SECRET, LOGIN[1]]


@pytest.mark.parametrize("secret", SECRETS)
def test_the_secrets_of_the_servers_are_known_to_it(secret: str) -> None:
    assert found_in(f"one line\nanother with {secret}") == [f"another with {secret}"]


def test_it_hears_what_is_logged_with_its_values_and_its_traceback() -> None:
    canary = Canary()
    canary.handle(logging.makeLogRecord({"msg": "password=%s", "args": (SECRETS[0],)}))
    try:
        raise ValueError(SECRETS[1])
    except ValueError:
        canary.handle(logging.makeLogRecord({"msg": "A fault", "exc_info": sys.exc_info()}))
    canary.handle(logging.makeLogRecord({"msg": "nothing"}))
    assert len(canary.take()) == 2
    assert canary.take() == []


def test_an_innocent_line_is_none() -> None:
    assert found_in("IMAP connected mailbox=default host=127.0.0.1 password secret token") == []
