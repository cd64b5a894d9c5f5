"""A mailbox that is described by its document."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import LazySettings
from redis import Redis

from configstore.secrets import encrypt
from tests.polling.examples import mail
from tests.relay.documents import describe, write
from tests.relay.health import health
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.fixtures import MakeImap
from tests.servers.imap_replies import say
from tests.servers.imap_script import ScriptedImap
from tests.servers.mailbox import Mailbox


def scripted(server: ScriptedImap, **fields: object) -> dict[str, object]:
    return {
        "imap_host": "127.0.0.1",
        "imap_port": server.port,
        "imap_security": "none",
        "imap_user": "user@relay.example",
        "imap_password": "the-password",
        **fields,
    }


def test_the_document_is_enough(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    describe(folder, **mailbox.document(imap_password=encrypt(mailbox.password)))
    mailbox.append(mail())
    runpoller = make_runpoller(endpoint=endpoint)
    endpoint.wait_for(1)
    assert '"status": "ok"' in health(runpoller, make_runpoller)
    assert mailbox.password not in runpoller.output


def test_by_starttls_a_mail_arrives_as_well(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    describe(folder, **mailbox.document(imap_security="starttls"))
    mailbox.append(mail())
    make_runpoller(endpoint=endpoint)
    endpoint.wait_for(1)


def test_the_environment_wins_field_by_field(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    """Host, port and password of the document lead nowhere; its user and security are needed."""
    describe(folder, **mailbox.document(1, imap_host="127.0.0.9", imap_password="wrong"))
    mailbox.append(mail())
    variables = mailbox.environment()
    for name in ("EMAIL_ADDRESS", "IMAP_USE_SSL"):
        del variables[name]
    make_runpoller(endpoint=endpoint, **variables)
    endpoint.wait_for(1)


def test_what_is_missing_is_said_once_and_completed_without_a_restart(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, folder: Path
) -> None:
    mailbox.append(mail())
    describe(folder, **mailbox.document(imap_password=None))
    runpoller = make_runpoller(endpoint=endpoint)
    lacks = "It is not set up: polling_config, or the environment, lacks imap_password"
    runpoller.wait_line(lacks)
    assert lacks in health(runpoller, make_runpoller)
    time.sleep(6)
    assert runpoller.output.count(lacks) == 1
    describe(folder, **mailbox.document())
    endpoint.wait_for(1, timeout=6)


def test_a_password_of_another_key_is_told_in_the_log_and_on_the_health_page(
    mailbox: Mailbox,
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    folder: Path,
    settings: LazySettings,
) -> None:
    settings.CONFIG_ENCRYPTION_KEYS = ["the former key"]
    sealed = encrypt(mailbox.password)
    describe(folder, **mailbox.document(imap_password=sealed))
    mailbox.append(mail())
    runpoller = make_runpoller(endpoint=endpoint, CONFIG_ENCRYPTION_KEYS="the new key")
    sentence = "IMAP login failed: imap_password of polling_config cannot be read: it was encrypted"
    runpoller.wait_line(f"WARNING .*{sentence}.*IMAP reconnect")
    told = health(runpoller, make_runpoller)
    assert "its settings are not right" in told and sentence not in told
    assert '"kind": "configuration"' in told
    runpoller.stop()
    keys = "the new key,the former key"
    make_runpoller(endpoint=endpoint, CONFIG_ENCRYPTION_KEYS=keys)
    endpoint.wait_for(1)


def test_a_refused_password_is_tried_again_when_it_was_changed_and_not_before(
    endpoint: Endpoint, make_runpoller: MakeRunpoller, make_imap: MakeImap, folder: Path
) -> None:
    server = make_imap([mail().as_bytes()])
    server.on("AUTHENTICATE", say("NO [AUTHENTICATIONFAILED] no"))
    describe(folder, **scripted(server))
    runpoller = make_runpoller(endpoint=endpoint)
    runpoller.wait_line("IMAP login failed")
    write(folder, "processing_prefs", exclude_keywords=["other"])
    time.sleep(5)
    assert server.connections == 1
    server.on("AUTHENTICATE", None)
    describe(folder, **scripted(server, imap_password="the-right-one"))
    endpoint.wait_for(1, timeout=6)


def test_a_mailbox_that_is_switched_off_has_no_connection_and_keeps_its_lock(
    endpoint: Endpoint,
    make_runpoller: MakeRunpoller,
    make_imap: MakeImap,
    redis_url: str,
    folder: Path,
) -> None:
    server = make_imap()
    describe(folder, **scripted(server))
    runpoller = make_runpoller(endpoint=endpoint, REDIS_URL=redis_url)
    runpoller.wait_line("IMAP connected")
    describe(folder, **scripted(server, enable_polling=False))
    runpoller.wait_line(r"polling is switched off \(enable_polling\)", timeout=5)
    eventually(lambda: bool(server.named("LOGOUT")))
    with Redis.from_url(redis_url) as client:
        held = client.get("render_signal:poller_lock")
        assert held
        time.sleep(2)
        assert client.get("render_signal:poller_lock") == held
    assert server.connections == 1
    describe(folder, **scripted(server))
    eventually(lambda: server.connections == 2, seconds=8)


def test_what_waits_is_delivered_also_when_no_mailbox_is_set_up_any_more(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    endpoint.refuse()
    mailbox.append(mail())
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
    first.wait_line("Not delivered")
    first.stop()
    endpoint.refuse(False)
    second = make_runpoller(endpoint=endpoint, REDIS_URL=redis_url)
    second.wait_line("No mailbox is set up")
    endpoint.wait_for(1)
