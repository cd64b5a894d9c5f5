from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, LoginError

from demo.mailbox import EmbeddedMailbox
from demo.samples import ATTACHMENT_BYTES, SAMPLES

USER, PASSWORD = "relay@demo.example", "a secret"
MAIL = b"From: a@demo.example\r\nSubject: News\r\n\r\nHello\r\n"


@pytest.fixture
def mailbox() -> Iterator[EmbeddedMailbox]:
    mailbox = EmbeddedMailbox(USER, PASSWORD)
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture
def client(mailbox: EmbeddedMailbox) -> Iterator[IMAPClient]:
    client = IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=10)
    client.login(USER, PASSWORD)
    client.select_folder("INBOX")
    yield client
    client.shutdown()


def test_an_idling_client_hears_of_a_mail_at_once(
    mailbox: EmbeddedMailbox, client: IMAPClient
) -> None:
    client.idle()
    began = time.monotonic()
    mailbox.append(MAIL)

    heard = client.idle_check(timeout=5)

    assert time.monotonic() - began < 2
    assert (1, b"EXISTS") in heard
    client.idle_done()


def test_lines_come_whole(mailbox: EmbeddedMailbox, client: IMAPClient) -> None:
    """imapclient takes half a line for the end of the connection."""
    for number in range(1, 51):
        client.idle()
        mailbox.append(MAIL)
        assert (number, b"EXISTS") in client.idle_check(timeout=5)
        client.idle_done()


def test_samples_can_be_found_and_fetched(mailbox: EmbeddedMailbox, client: IMAPClient) -> None:
    for sample in SAMPLES:
        mailbox.append(sample.raw(USER, "run"))
    client.noop()

    uids = client.search("UNSEEN")
    rows = client.fetch(uids, ["RFC822.SIZE", "ENVELOPE", "BODY.PEEK[1]"])

    assert len(uids) == len(SAMPLES)
    assert rows[uids[0]][b"ENVELOPE"].subject == b"Livraison lot 12"
    assert b"https://www.dropbox.com/" in rows[uids[0]][b"BODY[1]"]
    assert max(row[b"RFC822.SIZE"] for row in rows.values()) > ATTACHMENT_BYTES


def test_a_mail_that_was_marked_stays_marked(mailbox: EmbeddedMailbox, client: IMAPClient) -> None:
    mailbox.append(MAIL)
    client.noop()
    (uid,) = client.search("UNSEEN")

    client.add_flags(uid, [b"\\Seen"])

    assert client.search("UNSEEN") == []


def test_connections_outlive_garbage_collection(
    mailbox: EmbeddedMailbox, client: IMAPClient
) -> None:
    for _ in range(5):
        gc.collect()
        time.sleep(0.01)
        client.noop()


def test_it_knows_whether_anybody_has_logged_in(mailbox: EmbeddedMailbox) -> None:
    client = IMAPClient(mailbox.host, mailbox.port, ssl=False, timeout=10)
    with pytest.raises(LoginError):
        client.login(USER, "wrong")
    assert not mailbox.logged_in

    client.login(USER, PASSWORD)

    assert mailbox.logged_in
    client.logout()


def test_stop_ends_the_connections_and_the_thread(
    mailbox: EmbeddedMailbox, client: IMAPClient
) -> None:
    client.idle()

    mailbox.stop()
    mailbox.stop()

    assert not [thread for thread in threading.enumerate() if "mailbox" in thread.name]
    with pytest.raises(IMAPClientAbortError):
        client.idle_done()
