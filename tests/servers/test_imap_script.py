"""The scripted IMAP server and the proxy."""

from __future__ import annotations

import time
from email.message import EmailMessage

import imapclient
import pytest
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from tests.servers import imap_replies as replies
from tests.servers.certificates import Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import MakeImap, MakeProxy
from tests.servers.mailbox import Mailbox


def two_parts() -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "two parts"
    mail.set_content("plain text")
    mail.add_alternative("<p>html</p>", subtype="html")
    mail.add_attachment(b"12345", maintype="application", subtype="pdf", filename="a.pdf")
    return mail.as_bytes()


def log_in(port: int, context: object = None) -> imapclient.IMAPClient:
    client = imapclient.IMAPClient(
        "127.0.0.1", port, ssl=context is not None, ssl_context=context, timeout=2
    )
    client.plain_login("user", Dovecot.password)
    return client


def test_a_mail_is_read_and_marked(make_imap: MakeImap, certificates: Certificates) -> None:
    server = make_imap([two_parts(), b"Subject: small\n\nbody\n"], tls=True)
    with log_in(server.port, Certificates.trusting(certificates.ca_file)) as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] == 1
        client.add_flags([2], ["$Done"])
        assert client.search(["UNKEYWORD", "$Done", "UID", "1:*"]) == [1]
        small = client.fetch([2], ["FLAGS", "BODY.PEEK[TEXT]<0.2>", "RFC822.SIZE"])[2]
        assert (small[b"BODY[TEXT]<0>"], small[b"RFC822.SIZE"]) == (b"bo", 24)
        assert b"$Done" in small[b"FLAGS"]
        parts = client.fetch([1], ["BODYSTRUCTURE", "BODY.PEEK[1.1]", "BODY.PEEK[2.MIME]"])[1]
        assert parts[b"BODY[1.1]"] == b"plain text\r\n"
        assert b"application/pdf" in parts[b"BODY[2.MIME]"]
        text, html = parts[b"BODYSTRUCTURE"][0][0][0]
        assert (text[:2], html[:2]) == ((b"TEXT", b"PLAIN"), (b"TEXT", b"HTML"))
        fields = client.fetch([1], ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])[1]
        assert fields[b"BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: two parts\r\n\r\n"
    assert len(server.named("AUTHENTICATE")) == len(server.named("LOGOUT")) == 1
    assert server.mails[1].flags == {"$Done"}


def test_who_idles_hears_of_a_mail(make_imap: MakeImap) -> None:
    server = make_imap()
    with log_in(server.port) as client:
        client.select_folder("INBOX")
        client.idle()
        server.add(b"Subject: x\n\n")
        assert client.idle_check(timeout=2) == [(1, b"EXISTS")]
        client.idle_done()


def test_it_misbehaves_as_told(make_imap: MakeImap) -> None:
    server = make_imap([b"Subject: x\n\n"])
    with log_in(server.port) as client:
        client.select_folder("INBOX")
        server.on("UID SEARCH", replies.times(1, replies.say("NO [LIMIT] later")))
        with pytest.raises(IMAPClientError, match="LIMIT"):
            client.search()
        assert client.search() == [1]
        server.on("NOOP", replies.send(b"{tag} OK fine\r\n", drip=0.05))
        begun = time.monotonic()
        client.noop()
        assert time.monotonic() - begun > 0.3
        server.on("UID SEARCH", replies.silence)
        with pytest.raises(TimeoutError):
            client.search()
    server.on("CONNECT", replies.bye("too many"))
    with pytest.raises(IMAPClientError, match="too many"):
        log_in(server.port)
    server.on("CONNECT", replies.hang_up)
    with pytest.raises((IMAPClientAbortError, OSError)):
        log_in(server.port)
    assert server.connections == 3


def test_the_proxy_counts_and_breaks(mailbox: Mailbox, make_proxy: MakeProxy) -> None:
    proxy = make_proxy(mailbox.port)
    with log_in(proxy.port) as client:
        client.select_folder("INBOX")
        client.append("INBOX", b"Subject: a\r\n\r\nx LOGOUT fake\r\n")
        assert proxy.commands["SELECT"] == proxy.commands["APPEND"] == 1
        assert proxy.commands["LOGOUT"] == 0
        assert proxy.up > 50
        assert proxy.down > 50
        proxy.delay["up"] = 0.2
        begun = time.monotonic()
        client.noop()
        assert 0.2 < time.monotonic() - begun < 1
        proxy.delay["up"] = 0.0
        proxy.cut()
        with pytest.raises((IMAPClientAbortError, OSError)):
            client.noop()
    proxy.blackhole()
    with pytest.raises(TimeoutError):
        log_in(proxy.port)
    proxy.pass_through()
    with log_in(proxy.port) as client:
        proxy.freeze()
        with pytest.raises(TimeoutError):
            client.noop()
    proxy.refuse()
    with pytest.raises((IMAPClientAbortError, OSError)):
        log_in(proxy.port)
    assert proxy.connections == 4
