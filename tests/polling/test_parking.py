from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from configstore.store import ConfigurationUnknown
from polling import intake as intake_module
from polling.errors import MailboxTrouble
from polling.intake import Intake
from polling.models import Mail, MailboxState, MailState
from polling.parking import Parking
from polling.quarantine import park
from tests.polling.documents import Memory, store_of
from tests.polling.examples import mail
from tests.polling.fake_mailbox import ACCOUNT, FakeSession, StoredMail
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def yes() -> bool:
    return True


@pytest.fixture
def intake() -> Intake:
    return Intake(ACCOUNT, store_of(Memory()))


@pytest.fixture
def parking(intake: Intake) -> Parking:
    return Parking(intake, yes, lambda: None)


@pytest.fixture
def state() -> MailboxState:
    state = MailboxState.of(ACCOUNT)
    state.begin_epoch(1)
    return state


def mailbox(count: int) -> FakeSession:
    stored = {uid: StoredMail(mail(f"mail {uid}").as_bytes()) for uid in range(1, count + 1)}
    return FakeSession(stored)


def retry_until_quarantined(
    parking: Parking, session: FakeSession, state: MailboxState, tries: int = 10
) -> int:
    """How many sessions that took."""
    for number in range(1, tries + 1):
        Mail.objects.filter(state=MailState.FAILED).update(retry_at=timezone.now())
        with pytest.raises(MailboxTrouble):
            parking.retry(session, state)
        if Mail.objects.filter(state=MailState.QUARANTINED).exists():
            return number
    return tries + 1


def test_a_mail_that_ends_every_session_while_another_can_be_read_is_quarantined(
    intake: Intake, parking: Parking, state: MailboxState
) -> None:
    session = mailbox(2)
    session.broken = {1}
    with pytest.raises(MailboxTrouble):
        parking.take_alone(session, state, 1)
    intake.take(session, state, [2], None)
    assert retry_until_quarantined(parking, session, state) == 3
    row = Mail.objects.get(uid=1)
    assert (row.tries, row.fault) == (3, "IMAP FETCH failed: socket error: EOF")


def test_mails_are_not_to_blame_while_none_can_be_read(
    parking: Parking, state: MailboxState
) -> None:
    session = mailbox(2)
    session.broken = {1, 2}
    for uid in (1, 2):
        with pytest.raises(MailboxTrouble):
            parking.take_alone(session, state, uid)
    assert retry_until_quarantined(parking, session, state) > 10
    assert set(Mail.objects.values_list("tries", flat=True)) == {0}


def test_the_only_mail_there_is_is_quarantined_if_the_server_shows_anything_of_it(
    parking: Parking, state: MailboxState
) -> None:
    session = mailbox(1)
    session.broken = {1}
    with pytest.raises(MailboxTrouble):
        parking.take_alone(session, state, 1)
    assert retry_until_quarantined(parking, session, state) == 3


def test_an_unknown_mail_may_be_the_witness_and_be_poison_itself(
    parking: Parking, state: MailboxState
) -> None:
    session = mailbox(2)
    session.broken = {1}
    park(state, 1, "IMAP FETCH timeout", proven=False)
    assert retry_until_quarantined(parking, session, state) == 3
    Mail.objects.update(state=MailState.FAILED, tries=0, retry_at=timezone.now())
    session.broken = {2}
    with pytest.raises(MailboxTrouble):
        parking.retry(session, state)
    assert (parking.next_in(state) or 0) > 20  # what is new is read meanwhile


def test_when_one_can_be_read_again_all_that_failed_without_fault_are_tried(
    parking: Parking, state: MailboxState
) -> None:
    for uid in (1, 2):
        park(state, uid, "IMAP FETCH timeout", proven=False)
    Mail.objects.filter(uid=2).update(retry_at=timezone.now())
    parking.retry(mailbox(2), state)
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.RELAYED}


def test_a_mail_that_goes_on_failing_is_tried_less_and_less_often(state: MailboxState) -> None:
    waits = []
    for age in (0, 100, 10_000):
        Mail.objects.update(seen_at=timezone.now() - timedelta(seconds=age))
        park(state, 1, "IMAP FETCH timeout", proven=False)
        retry_at = Mail.objects.get().retry_at
        assert retry_at
        waits.append(round((retry_at - timezone.now()).total_seconds()))
    assert waits == [30, 100, 300]


def test_when_the_next_try_is_due_can_be_asked(parking: Parking, state: MailboxState) -> None:
    assert parking.next_in(state) is None
    park(state, 1, "IMAP FETCH timeout", proven=True)
    assert 25 < (parking.next_in(state) or 0) <= 60
    Mail.objects.update(retry_at=timezone.now() - timedelta(seconds=5))
    assert parking.next_in(state) == 0


def test_a_mail_that_breaks_our_own_code_three_times_is_quarantined(
    parking: Parking, state: MailboxState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(intake_module, "message_id", broken)
    for _ in range(3):
        parking.take_alone(mailbox(1), state, 1)
    assert Mail.objects.get().state == MailState.QUARANTINED


def test_a_mail_is_not_to_blame_for_a_configuration_that_cannot_be_read(
    parking: Parking, state: MailboxState, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> str:
        raise ConfigurationUnknown("webhook_config")

    monkeypatch.setattr(intake_module, "message_id", unknown)
    with pytest.raises(ConfigurationUnknown):
        parking.take_alone(mailbox(1), state, 1)
    assert not Mail.objects.exists()


def test_a_mail_that_failed_twice_and_then_can_be_read_is_relayed(
    parking: Parking, state: MailboxState
) -> None:
    for _ in range(2):
        park(state, 1, "IMAP FETCH timeout", proven=True)
    parking.take_alone(mailbox(1), state, 1)
    assert Mail.objects.get().state == MailState.RELAYED
    assert Delivery.objects.count() == 1
