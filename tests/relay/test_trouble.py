"""What the relay does when the mailbox misbehaves."""

from __future__ import annotations

from tests.polling.examples import mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.fixtures import MakeImap, MakeProxy
from tests.servers.imap_replies import say
from tests.servers.imap_script import ScriptedImap
from tests.servers.imap_session import Command, Session
from tests.servers.mailbox import Mailbox


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
