"""What the relay does when the mailbox misbehaves."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.polling.examples import mail
from tests.relay.health import health, health_parts
from tests.relay.waiting import eventually
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeImap, MakeProxy, MakeRunpoller
from tests.servers.imap_replies import say, send
from tests.servers.imap_script import Command, ScriptedImap, Session
from tests.servers.mailbox import Mailbox

OPERATORS_GREP = re.compile(r"IMAP.*timeout|IMAP.*failed")


def scripted(server: ScriptedImap, **variables: str) -> dict[str, str]:
    return {
        "EMAIL_ADDRESS": "user@relay.example",
        "EMAIL_PASSWORD": "the-password",
        "IMAP_SERVER": "127.0.0.1",
        "IMAP_PORT": str(server.port),
        "IMAP_USE_SSL": "false",
        "IMAP_TIMEOUT_SECONDS": "2",
        **variables,
    }


def test_a_wrong_password_is_said_plainly_and_not_tried_again(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    variables = {**mailbox.environment(), "EMAIL_PASSWORD": "not-the-password"}
    runpoller = make_runpoller(endpoint=endpoint, **variables)
    line = runpoller.wait_line("IMAP login failed: .*EMAIL_PASSWORD.*IMAP reconnect").text
    assert re.search(
        r"password\. \[authentication, IMAP reconnect of mailbox default in \d+ s\]$", line
    )
    assert "not-the-password" not in runpoller.output
    assert OPERATORS_GREP.search(line)
    time.sleep(4)
    assert runpoller.output.count("IMAP login failed") == 1
    assert runpoller.returncode is None
    assert '"kind": "authentication"' in health(runpoller, make_runpoller)


def test_deliveries_that_settle_meanwhile_do_not_make_it_try_again(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail(f"mail {number}").as_bytes() for number in range(40)])
    endpoint.answer(Answer(delay=0.5))
    runpoller = make_runpoller(endpoint=endpoint, **scripted(server))
    endpoint.wait_for(8)
    server.on("AUTHENTICATE", say("NO [AUTHENTICATIONFAILED] no"))
    server.hang_up()
    runpoller.wait_line("IMAP login failed")
    tries = server.connections
    endpoint.wait_for(40)
    assert server.connections == tries


def test_a_certificate_that_nobody_vouches_for_is_refused(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail())
    variables = mailbox.environment(tls=True) | {"SSL_CERT_FILE": "/dev/null"}
    runpoller = make_runpoller(endpoint=endpoint, **variables)
    runpoller.wait_line("IMAP connection failed: the certificate of .* is not trusted")
    assert endpoint.requests == []


def test_over_tls_a_mail_arrives_as_well(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(endpoint=endpoint, **mailbox.environment(tls=True))
    runpoller.wait_line("IMAP connected")
    mailbox.append(mail())
    endpoint.wait_for(1)


def test_a_mail_that_cannot_be_fetched_is_quarantined_and_the_others_go_on(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail(f"mail {n}").as_bytes() for n in range(1, 6)])

    def poison(session: Session, command: Command) -> None:
        uids = command.arguments.split()[0].split(",")
        if "3" in uids and "BODY.PEEK[TEXT]" in command.arguments:
            session.send("* 3 FETCH (UID 3 BODY[TEXT] {99\r\nbroken\r\n")
            session.close()
            return
        session.behave(command)

    server.on("UID FETCH", poison)
    runpoller = make_runpoller(endpoint=endpoint, **scripted(server))
    endpoint.wait_for(4, timeout=30)
    subjects = sorted(request.json["subject"] for request in endpoint.requests)
    assert subjects == ["mail 1", "mail 2", "mail 4", "mail 5"]
    runpoller.wait_line("IMAP reconnect")


def test_a_mail_that_was_not_shown_is_tried_again_in_time_on_an_idle_connection(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail().as_bytes()])

    def mute(session: Session, command: Command) -> None:
        if "BODY.PEEK[" in command.arguments and "HEADER" not in command.arguments:
            session.send("* 1 FETCH (UID 1 FLAGS ())\r\n")
            session.ok(command)
            return
        session.behave(command)

    server.on("UID FETCH", mute)
    make_runpoller(endpoint=endpoint, **scripted(server))
    eventually(lambda: len(server.named("IDLE")) == 1)
    server.on("UID FETCH", None)
    endpoint.wait_for(1, timeout=40)
    assert server.connections == 1


@pytest.mark.parametrize("refusal", ["NO not now", "BAD what is that"])
def test_a_server_that_advertises_idle_and_refuses_it_is_polled(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap, refusal: str
) -> None:
    server = make_imap()
    server.on("IDLE", say(refusal))
    variables = scripted(server, EMAIL_POLLING_INTERVAL_SECONDS="1")
    make_runpoller(endpoint=endpoint, **variables)
    eventually(lambda: len(server.named("NOOP")) >= 2, 20)
    server.add(mail().as_bytes())
    endpoint.wait_for(1)


def test_a_server_without_idle_and_keywords_is_served_by_noop_and_seen(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail().as_bytes()])
    server.capabilities = "IMAP4rev1 AUTH=PLAIN"
    server.permanent_flags = r"\Answered \Flagged \Deleted \Seen \Draft"
    variables = scripted(server, EMAIL_POLLING_INTERVAL_SECONDS="1")
    make_runpoller(endpoint=endpoint, **variables)
    endpoint.wait_for(1)
    eventually(lambda: server.mails[0].flags == {r"\Seen"})
    server.add(mail("second").as_bytes())
    endpoint.wait_for(2)


def test_a_server_that_drips_is_left_at_the_deadline(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail().as_bytes()])
    server.on("UID SEARCH", send(b"* SEARCH" + b" 1" * 500, drip=0.2))
    runpoller = make_runpoller(endpoint=endpoint, **scripted(server))
    begun = time.monotonic()
    line = runpoller.wait_line("IMAP SEARCH timeout after 2 s: .*IMAP reconnect")
    assert line.time - begun < 10
    server.on("UID SEARCH", None)
    endpoint.wait_for(1, timeout=20)


def test_a_server_that_closes_while_idling_costs_no_loop(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap()

    def close_after_plus(session: Session, command: Command) -> None:
        session.send("+ idling\r\n")
        session.close()

    server.on("IDLE", close_after_plus)
    make_runpoller(endpoint=endpoint, **scripted(server))
    eventually(lambda: server.connections >= 2, 20)
    time.sleep(5)
    assert server.connections < 8


def test_a_connection_that_dies_silently_in_mid_work_is_replaced(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, make_proxy: MakeProxy
) -> None:
    proxy = make_proxy(mailbox.port)
    variables = mailbox.environment(proxy.port) | {"IMAP_TIMEOUT_SECONDS": "2"}
    mailbox.drop([mail(f"mail {n}") for n in range(300)])
    make_runpoller(endpoint=endpoint, **variables)
    endpoint.wait_for(20)
    proxy.freeze()
    endpoint.wait_for(300, timeout=30)
    assert len({request.headers["webhook-id"] for request in endpoint.requests}) == 300


def test_a_mail_announced_with_the_plus_of_idle_is_not_overlooked(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap, tmp_path: Path
) -> None:
    server = make_imap()

    def plus_and_news(session: Session, command: Command) -> None:
        server.on("IDLE", None)
        server.add(mail().as_bytes())
        session.send("+ idling\r\n* 1 EXISTS\r\n")
        session.read_line()
        session.ok(command)

    server.on("IDLE", plus_and_news)
    make_runpoller(endpoint=endpoint, **scripted(server))
    endpoint.wait_for(1, timeout=10)


def test_a_folder_that_takes_no_marks_is_relayed_all_the_same(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap
) -> None:
    server = make_imap([mail("first").as_bytes()])
    server.on("UID STORE", say("NO [NOPERM] not for you"))
    runpoller = make_runpoller(endpoint=endpoint, **scripted(server))
    endpoint.wait_for(1)
    runpoller.wait_line(r"IMAP STORE failed: .*\(\[NOPERM\] not for you\).* \[configuration, ")
    for number in range(2, 5):
        server.add(mail(f"mail {number}").as_bytes())
        endpoint.wait_for(number)
    assert server.connections == 1
    assert runpoller.output.count("IMAP STORE failed") == 1
    part = health_parts(runpoller, make_runpoller)["mailbox"]
    assert (part["status"], part["kind"]) == ("degraded", "configuration")
    assert "takes no marks" in part["detail"]
