"""A mail in a real mailbox becomes a webhook: the whole relay, from outside."""

from __future__ import annotations

import json
import time
from pathlib import Path

from standardwebhooks import Webhook

from configstore.signing_secrets import derive_secret
from tests.polling.examples import LINK, SENDER, mail
from tests.relay.waiting import eventually
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox

FIELDS = {
    "microsoft_graph_email_id", "subject", "receivedDateTime", "sender_address", "sender_email",
    "bodyPreview", "email_content", "delivery_links", "first_direct_download_url",
    "dropbox_urls", "dropbox_first_url", "webhooks_time_start", "webhooks_time_end", "event_id",
}  # fmt: skip


def test_a_waiting_mail_is_delivered_as_the_contract_says(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail("Lot 12"))
    make_runpoller(mailbox=mailbox, endpoint=endpoint)
    (request,) = endpoint.wait_for(1)
    body = request.json
    assert set(body) == FIELDS
    assert (body["subject"], body["sender_email"]) == ("Lot 12", SENDER)
    assert body["delivery_links"][0]["raw_url"] == LINK
    assert body["first_direct_download_url"].endswith("dl=1")
    assert body["event_id"] == request.headers["webhook-id"]
    assert request.headers["X-Source"] == "render-signal-server"


def test_its_signature_is_verified_by_the_reference_library(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    (request,) = endpoint.wait_for(1)
    secret = derive_secret(runpoller.environment["SECRET_KEY"], "default")
    Webhook(secret).verify(request.body.decode(), dict(request.headers.items()))


def test_a_mail_that_arrives_on_an_idle_connection_leaves_at_once(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    make_runpoller(mailbox=mailbox, endpoint=endpoint).wait_line("IMAP connected")
    time.sleep(0.5)
    mailbox.append(mail())
    endpoint.wait_for(1, timeout=3)


def test_a_mail_is_marked_after_its_delivery_and_others_are_left_alone(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    ours = mailbox.append(mail())
    other = mailbox.append(mail(sender="news@shop.example"))
    deleted = mailbox.append(mail(sender="news@shop.example"), flags=[r"\Deleted"])
    make_runpoller(mailbox=mailbox, endpoint=endpoint, SENDER_OF_INTEREST_FOR_POLLING=SENDER)
    eventually(lambda: "$RenderSignal" in mailbox.flags()[ours])
    assert r"\Seen" in mailbox.flags()[ours]
    assert r"\Seen" not in mailbox.flags()[other]
    assert deleted in mailbox.flags()


def test_a_mail_that_waits_for_its_endpoint_is_not_marked(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer(Answer(status=500))
    uid = mailbox.append(mail())
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("Not delivered")
    runpoller.stop()
    assert not {"$RenderSignal", r"\Seen"} & mailbox.flags()[uid]


def test_a_mail_that_a_person_read_first_is_relayed_all_the_same(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("IMAP connected")
    runpoller.stop()
    mailbox.append(mail(), flags=[r"\Seen"])
    make_runpoller(mailbox=mailbox, endpoint=endpoint)
    endpoint.wait_for(1)


def test_old_read_mails_of_a_mailbox_met_for_the_first_time_are_left_alone(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail("old"), flags=[r"\Seen"])
    mailbox.append(mail("new"))
    runpoller = make_runpoller("runpoller", "--once", mailbox=mailbox, endpoint=endpoint)
    assert runpoller.wait() == 0, runpoller.output
    assert [request.json["subject"] for request in endpoint.requests] == ["new"]


def test_a_large_attachment_is_never_fetched(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, make_proxy: object
) -> None:
    mailbox.append(mail(attachment=b"\0" * 3_000_000))
    proxy = make_proxy(mailbox.port)  # type: ignore[operator]
    variables = {**mailbox.environment(proxy.port)}
    make_runpoller("runpoller", "--once", endpoint=endpoint, **variables).wait()
    assert len(endpoint.requests) == 1
    assert sum(proxy.bytes.values()) < 8_000  # log-in and all


def test_the_disk_may_be_lost_at_any_time(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    """The mailbox remembers: settled mails are not sent again, waiting ones are, read or not."""
    mailbox.append(mail("delivered"))
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "first")
    endpoint.wait_for(1)
    eventually(lambda: mailbox.uids("KEYWORD $RenderSignal") != [])
    endpoint.answer(Answer(status=500))
    uid = mailbox.append(mail("waiting"))
    first.wait_line("Not delivered")
    first.kill()
    with mailbox.client() as client:
        client.select_folder("INBOX")
        client.add_flags([uid], [r"\Seen"])
    endpoint.clear()
    endpoint.answer(Answer())
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "second")
    endpoint.wait_for(1)
    time.sleep(1)
    assert [request.json["subject"] for request in endpoint.requests] == ["waiting"]


def test_even_the_first_mail_ever_survives_the_loss_of_the_disk_after_it_was_read(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    endpoint.answer(Answer(status=500))
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "first")
    first.wait_line("IMAP connected")
    uid = mailbox.append(mail())
    first.wait_line("Not delivered")
    first.kill()
    with mailbox.client() as client:
        client.select_folder("INBOX")
        client.add_flags([uid], [r"\Seen"])
    endpoint.answer(Answer())
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "second")
    endpoint.wait_for(1)


def test_unread_mails_of_a_first_contact_survive_the_loss_of_the_disk_after_they_were_read(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, tmp_path: Path
) -> None:
    mailbox.append(mail("old"), flags=[r"\Seen"])
    endpoint.answer(Answer(status=500))
    uids = [mailbox.append(mail(f"mail {number}")) for number in range(3)]
    mailbox.append(mail("read already"), flags=[r"\Seen"])
    first = make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "first")
    endpoint.wait_for(3)
    first.kill()
    with mailbox.client() as client:
        client.select_folder("INBOX")
        client.add_flags(uids, [r"\Seen"])
    endpoint.clear()
    endpoint.answer(Answer())
    make_runpoller(mailbox=mailbox, endpoint=endpoint, folder=tmp_path / "second")
    endpoint.wait_for(3)
    time.sleep(1)
    subjects = sorted(request.json["subject"] for request in endpoint.requests)
    assert subjects == ["mail 0", "mail 1", "mail 2"]


def test_new_uids_for_old_mails_double_nothing(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail("one"))
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    eventually(lambda: mailbox.uids("KEYWORD $RenderSignal") != [])
    runpoller.stop()
    mailbox.set_uidvalidity(mailbox.uidvalidity() + 1000)
    mailbox.append(mail("two"))
    again = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    again.wait_line("numbered its mails anew")
    endpoint.wait_for(2)
    time.sleep(1)
    assert [request.json["subject"] for request in endpoint.requests] == ["one", "two"]


def test_a_change_of_the_configuration_is_in_force_within_five_seconds(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint)
    runpoller.wait_line("IMAP connected")
    store = Path(runpoller.environment["CONFIG_STORE_DIR"])
    store.mkdir(parents=True, exist_ok=True)
    document = {"sender_of_interest_for_polling": ["only@this.example"]}
    (store / "polling_config.json").write_text(json.dumps(document))
    time.sleep(5)
    mailbox.append(mail("not wanted any more"))
    runpoller.wait_line("Ignored mail .*reason=sender")
    assert endpoint.requests == []


def test_secrets_never_reach_the_log(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    mailbox.append(mail(text=f"the-secret-text {LINK}"))
    url = f"{endpoint.url}/token-in-url"
    runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, WEBHOOK_URL=url)
    endpoint.wait_for(1)
    endpoint.answer(Answer(status=500))
    mailbox.append(mail("second"))
    runpoller.wait_line("Not delivered")
    for secret in ("the-secret-text", "token-in-url", mailbox.password, "rlkey"):
        assert secret not in runpoller.output
