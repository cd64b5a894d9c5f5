"""One thing is broken, and the doctor names that and nothing else."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from configstore.secrets import encrypt
from polling.roster import Roster
from tests.environment import ROOT
from tests.render_signal.doctor.patient import TOKEN, Patient
from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_port
from tests.servers.redis import RedisServer
from tests.servers.worker import Worker

RED, YELLOW = "red", "yellow"
WITHOUT_REDIS = {"redis": RED, "configuration": YELLOW, "lock": YELLOW, "pollers": YELLOW}


def test_redis_is_down(patient: Patient, redis_server: RedisServer) -> None:
    patient.start()
    redis_server.kill()
    found = patient.examined()
    assert (found.ill, found.code) == (WITHOUT_REDIS, 1), found.output
    assert "cannot be reached (ConnectionError)" in found.said("redis")


def test_redis_is_frozen(patient: Patient, redis_server: RedisServer) -> None:
    patient.start()
    redis_server.freeze()
    found = patient.examined()
    assert found.ill == WITHOUT_REDIS, found.output
    assert "it hangs, or is out of reach" in found.said("redis")


def test_redis_refuses_what_we_write(patient: Patient, redis_server: RedisServer) -> None:
    patient.start()
    with redis_server.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "reader", "on", f">{TOKEN}", "~*", "+@all", "-@write"
        )
    url = patient.variables["REDIS_URL"].replace("//", f"//reader:{TOKEN}@")
    found = patient.examined(REDIS_URL=url)
    assert found.ill == {"redis": RED, "configuration": YELLOW}, found.output
    assert "(NoPermissionError" in found.said("redis")
    assert "the lock, the list of pollers, what was delivered" in found.said("redis")


def test_redis_refuses_the_login(patient: Patient) -> None:
    patient.start()
    url = patient.variables["REDIS_URL"].replace("//", f"//nobody:{TOKEN}@")
    found = patient.examined("--only", "redis", REDIS_URL=url)
    assert "refuses the user name or password" in found.said("redis")


def test_the_password_of_the_mailbox_is_wrong(patient: Patient) -> None:
    patient.start()
    found = patient.examined(EMAIL_PASSWORD=TOKEN)
    assert found.ill == {"mailbox": RED}, found.output
    assert "refuses the user name or password" in found.said("mailbox")


def test_certificates_are_not_trusted(patient: Patient, tmp_path: Path) -> None:
    patient.start()
    other = Certificates(tmp_path)
    found = patient.examined(**other.environment())
    assert found.ill == {"mailbox": RED, "endpoint": RED}, found.output
    assert "certificate of 127.0.0.1 is not trusted" in found.said("mailbox")
    assert "its certificate is not trusted" in found.said("endpoint")


def test_the_folder_is_missing(patient: Patient, redis_server: RedisServer) -> None:
    patient.start()
    document = {"imap_folder": "Nowhere"}
    redis_server.client().set("r:ss:config:polling_config", json.dumps(document))
    found = patient.examined()
    assert found.ill.keys() == {"mailbox", "searches"}, found.output
    assert "no such folder" in found.said("mailbox")


def test_the_endpoint_is_not_found(patient: Patient, endpoint: Endpoint) -> None:
    patient.start()
    endpoint.answer(Answer(status=404, body=b""))
    found = patient.examined()
    assert found.ill == {"endpoint": RED}, found.output
    assert "HTTP 404" in found.said("endpoint")
    assert "Copy the address from the receiver again" in found.said("endpoint")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"https://10.0.0.1/{TOKEN}", "10.0.0.1 is at 10.0.0.1, which webhooks may not reach"),
        (f"https://127.0.0.1:{free_port()}/{TOKEN}", "the connection was refused"),
        (f"https://{'a' * 64}.example/{TOKEN}", "the host name is unknown"),
    ],
    ids=["forbidden", "refused", "unknown"],
)
def test_the_endpoint_cannot_be_reached(patient: Patient, url: str, sentence: str) -> None:
    patient.start()
    found = patient.examined(WEBHOOK_URL=url)
    assert found.ill == {"endpoint": RED}, found.output
    assert sentence in found.said("endpoint")


def test_the_worker_does_not_know_the_token(patient: Patient, worker: Worker) -> None:
    patient.start()
    found = patient.examined(**worker.environment() | {"R2_FETCH_TOKEN": TOKEN})
    assert found.ill == {"r2": RED}, found.output
    assert "refuses the token" in found.said("r2")


def test_the_worker_is_down(patient: Patient, worker: Worker) -> None:
    patient.start()
    worker.stop()
    found = patient.examined(**worker.environment())
    assert found.ill == {"r2": RED}, found.output
    assert "gives no answer" in found.said("r2")
    assert "leaves with the links of its mail" in found.output


def test_the_bucket_of_the_worker_is_another(patient: Patient, worker: Worker) -> None:
    found = patient.examined("--only", "r2", **worker.environment() | {"R2_BUCKET_NAME": "other"})
    assert "refuses all orders: HTTP 400: bucket is not ours" in found.said("r2")


@contextmanager
def signed_in(server: RedisServer, process: str) -> Iterator[None]:
    """A poller of another container, as Redis knows it."""
    done = threading.Event()

    def sign() -> None:
        with server.client() as client:
            while not done.wait(0.5):
                Roster(client, process).sign_in(["default"])

    thread = threading.Thread(target=sign)
    thread.start()
    yield
    done.set()
    thread.join()


def test_the_clock_of_the_receiver_is_wrong(patient: Patient, endpoint: Endpoint) -> None:
    patient.start()
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=20), usegmt=True)
    endpoint.answer(Answer(headers={"Date": date}))
    found = patient.examined()
    assert found.ill == {"endpoint": RED}, found.output
    assert "Our clock and that of 127.0.0.1 differ by" in found.said("endpoint")


def test_our_clock_is_wrong(patient: Patient, tmp_path: Path) -> None:
    """The interpreter runs this before the doctor."""
    patient.start()
    (tmp_path / "sitecustomize.py").write_text(
        "import time\n"
        "from tests import guard\n"
        "guard.install(in_child=True)\n"
        "now = time.time\n"
        "time.time = lambda: now() + 40\n"
    )
    found = patient.examined(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert found.ill == {"clock": RED}, found.output
    assert "Redis differ by" in found.said("clock")
    assert "PostgreSQL differ by" in found.said("clock")


def test_secrets_cannot_be_read_any_more(
    patient: Patient, mailbox: Mailbox, redis_server: RedisServer
) -> None:
    document = mailbox.document(mailbox.tls_port, imap_security="tls")
    document["imap_password"] = encrypt(mailbox.password)
    redis_server.client().set("r:ss:config:polling_config", json.dumps(document))
    del patient.variables["EMAIL_PASSWORD"]
    patient.start()
    found = patient.examined(SECRET_KEY="another-key-of-forty-characters-and-more")
    assert found.ill == {"secrets": RED, "mailbox": RED}, found.output
    assert "“Password” (polling_config)" in found.said("secrets")


def test_no_poller_runs(patient: Patient) -> None:
    found = patient.examined()
    assert found.ill == {"pollers": RED, "lock": RED, "searches": YELLOW}, found.output
    assert "Start “manage.py runpoller”" in found.said("pollers")


def test_a_poller_was_killed(patient: Patient) -> None:
    patient.start().kill()
    found = patient.examined("--only", "lock")
    assert found.ill == {"lock": RED}
    assert "a process that is dead" in found.said("lock")


def test_two_containers_have_a_sqlite_each(
    small_patient: Patient, redis_server: RedisServer
) -> None:
    small_patient.start()
    with signed_in(redis_server, "pid=7 host=worker-2 place=elsewhere started=1"):
        found = small_patient.examined()
    assert found.ill == {"containers": RED}, found.output
    assert "Pollers of 2 containers" in found.said("containers")
