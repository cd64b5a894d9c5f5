"""The servers that other tests lean on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imapclient
import psycopg
import pytest
import redis
import requests
from imapclient.exceptions import IMAPClientError, LoginError

from tests.environment import FOLDER, ROOT
from tests.relay.waiting import eventually
from tests.servers.certificates import Certificates
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import CLOSE, HANG, RESET, Answer, redirect
from tests.servers.fixtures import MakeDovecot, missing
from tests.servers.mailbox import Mailbox
from tests.servers.ports import is_listening
from tests.servers.postgres import HOW as POSTGRES_HOW
from tests.servers.postgres import PostgresServer, postgres_folder
from tests.servers.redis import RedisServer

MAIL = b"Subject: hello\n\nworld\n"


def test_dovecot_appends_and_keeps_keywords(mailbox: Mailbox) -> None:
    uid = mailbox.append(MAIL, [r"\Seen", "$RenderSignal"])
    mailbox.drop([MAIL, MAIL])
    assert mailbox.uids() == [uid, uid + 1, uid + 2]
    assert {r"\Seen", "$RenderSignal"} <= mailbox.flags()[uid]


def test_dovecot_announces_a_mail_to_who_idles(mailbox: Mailbox) -> None:
    with mailbox.client(tls=True) as client:
        client.select_folder("INBOX")
        client.idle()
        mailbox.append(MAIL)
        responses = client.idle_check(timeout=5)
        client.idle_done()
    assert (1, b"EXISTS") in responses


def test_dovecot_speaks_starttls_and_refuses_a_wrong_password(mailbox: Mailbox) -> None:
    with imapclient.IMAPClient(mailbox.host, mailbox.port, ssl=False) as client:
        client.starttls(Certificates.trusting(mailbox.ca_file))
        with pytest.raises(LoginError):
            client.login(mailbox.user, "wrong")
        client.login(mailbox.user, mailbox.password)


def test_uidvalidity_can_be_set_and_lost(mailbox: Mailbox) -> None:
    mailbox.append(MAIL)
    before = mailbox.uidvalidity()
    mailbox.set_uidvalidity(before + 7)
    assert mailbox.uidvalidity() == before + 7
    assert len(mailbox.uids()) == 1
    mailbox.forget_uidlist()
    assert mailbox.uidvalidity() != before + 7


def test_dovecot_limits_connections_and_restarts(make_dovecot: MakeDovecot) -> None:
    server = make_dovecot(max_connections=1)
    with (
        server.client("someone"),
        pytest.raises(IMAPClientError, match="Maximum number of connections"),
    ):
        server.client("someone")
    server.restart()
    with server.client("someone") as client:
        assert client.noop()


def test_redis_freezes_thaws_and_restarts_empty(redis_server: RedisServer, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url, socket_timeout=0.2) as client:
        client.set("key", "value")
        redis_server.freeze()
        with pytest.raises(redis.TimeoutError):
            client.get("key")
        redis_server.thaw()
        redis_server.restart()
        assert client.get("key") is None
        redis_server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("key")


def test_postgres_copies_a_migrated_database_and_restarts(
    postgres_server: PostgresServer, postgres_url: str, make_runpoller: MakeRunpoller
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM webhooks_delivery").fetchone() == (0,)
        postgres_server.restart()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    command = make_runpoller("migrate", "--check", "--skip-checks", DATABASE_URL=postgres_url)
    assert command.wait() == 0


def test_nothing_is_left_of_a_postgres_that_belonged_to_somebody_else() -> None:
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    server = PostgresServer(postgres_folder() or missing(POSTGRES_HOW), folder)
    pid = server.pid
    server.stop()
    shutil.rmtree(folder)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_postgres_whose_tests_were_killed_ends_with_its_children() -> None:
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    program = f"""
import os, pathlib, signal
from tests.servers.postgres import PostgresServer
server = PostgresServer(pathlib.Path({str(postgres_folder() or missing(POSTGRES_HOW))!r}),
                        pathlib.Path({str(folder)!r}))
print(server.port, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    port = int(done.stdout)
    eventually(lambda: not is_listening(port), 10)


def test_endpoint_records(endpoint: Endpoint) -> None:
    with requests.Session() as session:
        session.verify = str(endpoint.ca_file)
        for url in (endpoint.url, endpoint.tls_url):
            answer = session.post(url, json={"a": 1}, headers={"X-A": "b"})
            assert answer.json() == {"success": True}
        session.post(endpoint.url, data={"a": ["1", "2"]})
    first, second, third = endpoint.wait_for(3)
    assert first.json == second.json == {"a": 1}
    assert (first.tls, second.tls) == (False, True)
    assert first.headers["x-a"] == "b"
    assert third.form == {"a": ["1", "2"]}
    assert endpoint.connections == 2
    with pytest.raises(AssertionError, match="3 of 4"):
        endpoint.wait_for(4, timeout=0.05)


def test_endpoint_misbehaves(endpoint: Endpoint) -> None:
    def post() -> int:
        with requests.post(endpoint.url, data=b"", timeout=0.5, allow_redirects=False) as answer:
            return answer.status_code

    endpoint.answer_in_turn([Answer(status=503), redirect("http://192.0.2.1/")])
    assert [post(), post(), post()] == [503, 302, 200]
    for trouble in (CLOSE, RESET):
        endpoint.answer(trouble)
        with pytest.raises(requests.ConnectionError):
            post()
    for slow in (HANG, Answer(delay=2.0)):
        endpoint.answer(slow)
        with pytest.raises(requests.Timeout):
            post()
    endpoint.answer(Answer(drip_body=0.1))
    begun = time.monotonic()
    assert post() == 200
    assert time.monotonic() - begun > 1
    endpoint.refuse()
    with pytest.raises(requests.ConnectionError):
        post()


def test_endpoint_is_fast(endpoint: Endpoint) -> None:
    begun = time.monotonic()
    with requests.Session() as session:
        for _ in range(200):
            session.post(endpoint.url, json={})
    assert len(endpoint.requests) / (time.monotonic() - begun) > 100


def test_a_command_runs_and_its_lines_are_kept(make_runpoller: MakeRunpoller) -> None:
    command = make_runpoller("showmigrations", "webhooks", "--skip-checks")
    command.wait_line("webhooks")
    assert command.wait() == 0
