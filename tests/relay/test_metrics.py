"""What /metrics tells of real mails, compared with what the receiver got."""

from __future__ import annotations

from polling.selection import Reason
from tests.polling.examples import SENDER, mail
from tests.relay.health import page
from tests.relay.waiting import eventually
from tests.render_signal.scrape import Scraped, scraped, value
from tests.servers.commands import MakeRunpoller
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand


def scrape(runpoller: ManageCommand, make_runpoller: MakeRunpoller) -> Scraped:
    told = page("/metrics", runpoller, make_runpoller)
    return scraped(told[told.index("# HELP") :])


def test_the_numbers_are_those_of_the_receiver(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller
) -> None:
    endpoint.answer_in_turn([Answer(status=503)])
    for number in range(5):
        mailbox.append(mail(f"Lot {number}"))
    for _ in range(2):
        mailbox.append(mail(sender="news@shop.example"))
    runpoller = make_runpoller(
        mailbox=mailbox, endpoint=endpoint, SENDER_OF_INTEREST_FOR_POLLING=SENDER
    )
    eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) == 5, 60)
    runpoller.stop()
    found = scrape(runpoller, make_runpoller)
    assert value(found, "mails_seen_total", mailbox="default") == 7
    assert value(found, "mails_relayed_total", mailbox="default") == 5
    sender = Reason.SENDER.value
    assert value(found, "mails_ignored_total", mailbox="default", reason=sender) == 2
    assert len(endpoint.requests) == 6
    assert value(found, "attempts_total", endpoint="default", outcome="delivered") == 5
    assert value(found, "attempts_total", endpoint="default", outcome="failed") == 1
    assert value(found, "attempt_seconds_count", endpoint="default") == 6
    assert value(found, "deliveries_settled_total", endpoint="default", state="delivered") == 5
    assert value(found, "delivery_lag_seconds_count", endpoint="default") == 5
    assert (value(found, "imap_received_bytes_total", mailbox="default") or 0) > 5 * 500
    assert value(found, "lock_held", mailbox="default", kind="file") == 0


def test_what_was_counted_outlives_the_process_and_is_added_to(
    mailbox: Mailbox, endpoint: Endpoint, make_runpoller: MakeRunpoller, redis_url: str
) -> None:
    for number in range(2):
        mailbox.append(mail(f"Lot {number}"))
        runpoller = make_runpoller(mailbox=mailbox, endpoint=endpoint, REDIS_URL=redis_url)
        eventually(lambda: len(mailbox.uids("KEYWORD $RenderSignal")) > number, 60)  # noqa: B023  # called at once
        runpoller.stop()
    found = scrape(runpoller, make_runpoller)
    assert value(found, "mails_relayed_total", mailbox="default") == len(endpoint.requests) == 2


def test_a_session_that_breaks_is_counted_by_its_class(
    mailbox: Mailbox, make_runpoller: MakeRunpoller
) -> None:
    runpoller = make_runpoller(mailbox=mailbox, EMAIL_PASSWORD="wrong")
    runpoller.wait_line("IMAP reconnect", 60)
    runpoller.stop()
    found = scrape(runpoller, make_runpoller)
    count = value(found, "imap_reconnects_total", mailbox="default", kind="authentication")
    assert count is not None and count >= 1
