from __future__ import annotations

import logging
from email.message import EmailMessage

import pytest
from django.test import override_settings

from configstore.documents import ProcessingPrefs, WebhookConfig
from polling.errors import MailboxTrouble
from polling.intake import NOT_SHOWN, Intake
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from render_signal.logs import PlainFormatter
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from webhooks.endpoints import described_endpoint
from webhooks.models import Delivery, State
from webhooks.receipts import Receipts

pytestmark = pytest.mark.django_db


@pytest.fixture
def documents() -> Memory:
    return Memory()


@pytest.fixture
def intake(documents: Memory) -> Intake:
    return Intake(ACCOUNT, store_of(documents))


@pytest.fixture
def state() -> MailboxState:
    return MailboxState.of(ACCOUNT)


def session_with(*mails: EmailMessage) -> FakeSession:
    stored = {uid: StoredMail(item.as_bytes()) for uid, item in enumerate(mails, 1)}
    return FakeSession(stored)


def test_mails_deliveries_and_watermark_are_committed_together(
    intake: Intake, state: MailboxState
) -> None:
    relayed = intake.take(session_with(mail("a"), mail("b")), state, [1, 2], watermark=2)
    state.refresh_from_db()
    assert (relayed, state.last_uid) == ([1, 2], 2)
    assert Mail.objects.filter(state=MailState.RELAYED).count() == Delivery.objects.count() == 2


def test_taking_the_same_mails_again_changes_nothing(intake: Intake, state: MailboxState) -> None:
    session = session_with(mail("a"))
    intake.take(session, state, [1], None)
    intake.take(session, state, [1], None)
    assert (Mail.objects.count(), Delivery.objects.count()) == (1, 1)


def test_an_ignored_mail_is_in_the_journal_with_its_reason(
    intake: Intake, state: MailboxState
) -> None:
    intake.take(session_with(mail("Re: x"), mail(text="no link")), state, [1, 2], None)
    reasons = Mail.objects.order_by("uid").values_list("state", "reason")
    assert list(reasons) == [
        (MailState.IGNORED, Reason.REPLY),
        (MailState.IGNORED, Reason.NO_LINK),
    ]


def test_a_mail_that_vanished_is_remembered_as_gone(intake: Intake, state: MailboxState) -> None:
    intake.take(session_with(mail()), state, [1, 9], watermark=9)
    assert Mail.objects.get(uid=9).state == MailState.GONE


def test_mails_that_the_server_does_not_show_are_tried_again_and_not_ignored(
    intake: Intake, state: MailboxState
) -> None:
    session = session_with(mail("a"), mail("b"))
    session.mute = {1, 2}
    intake.take(session, state, [1, 2], watermark=2)
    rows = Mail.objects.values_list("state", "tries", "fault")
    assert set(rows) == {(MailState.FAILED, 0, NOT_SHOWN)}
    state.refresh_from_db()
    assert state.last_uid == 2
    session.mute = set()
    intake.take(session, state, [1, 2], None)
    assert Delivery.objects.count() == 2


def test_a_mail_that_the_server_does_not_show_beside_others_is_quarantined(
    intake: Intake, state: MailboxState
) -> None:
    session = session_with(*(mail(f"mail {uid}") for uid in range(1, 5)))
    session.mute = {1}
    for other in (2, 3, 4):
        intake.take(session, state, [1, other], None)
    assert Mail.objects.get(uid=1).state == MailState.QUARANTINED


def test_the_same_mail_under_another_uid_is_one_delivery(
    intake: Intake, state: MailboxState
) -> None:
    intake.take(session_with(mail("a"), mail("a")), state, [1, 2], None)
    assert Mail.objects.count() == 2
    assert Delivery.objects.count() == 1


def test_two_mails_with_one_message_id_are_two_deliveries(
    intake: Intake, state: MailboxState
) -> None:
    link = "https://fromsmash.com/"
    one = mail(text=f"{link}one", message_id="<same@x>")
    two = mail(text=f"{link}two", message_id="<same@x>")
    intake.take(session_with(one, two), state, [1, 2], None)
    assert Delivery.objects.count() == 2


def test_a_batch_that_ends_the_session_leaves_no_trace(intake: Intake, state: MailboxState) -> None:
    session = session_with(mail("a"), mail("b"))
    session.broken = {2}
    with pytest.raises(MailboxTrouble):
        intake.take(session, state, [1, 2], watermark=2)
    state.refresh_from_db()
    assert (Mail.objects.count(), state.last_uid) == (0, None)


def test_what_redis_remembers_as_delivered_is_settled_at_once(
    documents: Memory, state: MailboxState, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(PlainFormatter())
    documents.documents["webhook_config"] = {"webhook_url": "https://hook.example.com/x"}
    store, told = store_of(documents), set[str]()
    endpoint = described_endpoint(store.get(WebhookConfig), store.get(ProcessingPrefs))
    assert endpoint is not None
    with override_settings(REDIS_URL=redis_url):
        intake = Intake(ACCOUNT, store, told.update)
        intake.take(session_with(mail("a")), state, [1], None)
        first = Delivery.objects.get()
        assert told == set()
        Receipts().note([(endpoint.fingerprint, first.webhook_id)])
        Delivery.objects.all().delete()  # with the disk
        Mail.objects.all().delete()
        intake.take(session_with(mail("a"), mail("b")), state, [1, 2], None)
    assert told == {first.message_id}
    rows = Delivery.objects.order_by("id").values_list("subject", "state")
    assert list(rows) == [("a", State.DELIVERED), ("b", State.QUEUED)]
    said = f"Not sent again webhook_id={first.webhook_id} endpoint=default: delivered before, "
    assert f" {said}as Redis remembers [message_id={first.message_id}]\n" in caplog.text
