"""What is said of a mail on its way, and where it is stuck."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from polling.accounts import find_account
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from render_signal.assistant.following import Wanted, wanted
from render_signal.assistant.stage import Stage
from render_signal.assistant.stages import stages
from tests import journal
from tests.configstore.admin.stores import Stores
from webhooks.models import Attempt, Delivery, Outcome, State

pytestmark = pytest.mark.django_db
POLLER, SEEN, SELECTED, SENT, ANSWERED = range(5)
TOKEN = "0a1b2c"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def state(described: Stores, now: datetime) -> MailboxState:
    state = MailboxState.of(find_account(described.store, "default"))
    state.note_searched(now)
    return state


def look(stores: Stores, now: datetime, token: str = TOKEN) -> list[Stage]:
    stores.now += 60
    return stages(stores.store, Wanted(token=token, since=now - timedelta(minutes=1)), now)


def arrived(box: MailboxState, now: datetime, **fields: Any) -> Mail:
    """With its delivery, which was tried once."""
    journal.fill(box, 1, now)
    mail = Mail.objects.get()
    shown = {"subject": f"render_signal: test mail {TOKEN}", "seen_at": now, **fields}
    Mail.objects.filter(pk=mail.pk).update(**shown)
    return mail


def test_it_is_all_ahead_at_first(described: Stores, now: datetime, state: MailboxState) -> None:
    found = look(described, now)
    assert "Not yet. The mailbox was searched 0 s ago." in found[SEEN].text
    assert [stage.state for stage in found[SELECTED:]] == ["ahead"] * 3


def test_while_redis_is_away_nobody_says_that_there_is_no_poller(
    described: Stores, now: datetime, settings: LazySettings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    poller = look(described, now)[POLLER]
    assert poller.state == "stuck"
    assert poller.text.endswith("is not known: Redis cannot be asked.")


def test_without_a_mailbox_there_is_nothing_to_follow(stores: Stores, now: datetime) -> None:
    (only,) = look(stores, now)
    assert only.state == "stuck"
    assert "No mailbox is set up" in only.text


def test_without_a_poller_its_command_is_told(described: Stores, now: datetime) -> None:
    poller = look(described, now)[POLLER]
    assert (poller.state, poller.command) == ("stuck", ".venv/bin/python manage.py runpoller")
    assert poller.text == "No mail is read: no runpoller is at work."


def test_a_search_of_a_moment_ago_is_no_poller(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    assert look(described, now)[POLLER].state == "stuck"


def test_on_render_it_is_the_worker_that_is_told(
    described: Stores, now: datetime, settings: LazySettings
) -> None:
    settings.ON_RENDER = True
    poller = look(described, now)[POLLER]
    assert "On Render open the service render-signal-worker" in poller.advice
    assert poller.command == ""


def test_standing_down_says_until_when(described: Stores) -> None:
    described.redis.documents["polling_config"] |= {
        "timezone": "UTC", "active_start_hour": 8, "active_end_hour": 19,
    }  # fmt: skip
    night = datetime.fromisoformat("2026-11-27T22:30:00+00:00")
    poller = look(described, night)[POLLER]
    assert poller.state == "stuck"
    assert "outside the active hours 8 to 19. It goes on at 2026-11-28 08:00." in poller.text


def test_a_mailbox_in_trouble_is_told(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    state.note_trouble("IMAP login failed: nope", "authentication", now + timedelta(seconds=1))
    seen = look(described, now)[SEEN]
    assert (seen.state, seen.text) == ("stuck", "IMAP login failed: nope")


@pytest.mark.parametrize("reason", Reason)
def test_why_it_was_ignored_is_told_and_what_to_do(
    described: Stores, now: datetime, state: MailboxState, reason: Reason
) -> None:
    arrived(state, now, state=MailState.IGNORED, reason=reason)
    selected = look(described, now)[SELECTED]
    assert selected.state == "stuck"
    assert str(reason.label) in selected.text
    assert selected.advice


def test_a_mail_that_cannot_be_read_is_told(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    arrived(state, now, state=MailState.FAILED, fault="IMAP FETCH failed: torn")
    assert "IMAP FETCH failed: torn" in look(described, now)[SELECTED].text


def test_a_mail_that_has_arrived_is_done_at_every_stage(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    arrived(state, now)
    found = look(described, now)
    assert {stage.state for stage in found} == {"done"}
    assert found[ANSWERED].text == "It answered 200 and has the webhook."


def test_what_holds_a_delivery_is_told(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    arrived(state, now, state=MailState.RELAYED)
    Attempt.objects.all().delete()
    Delivery.objects.update(state=State.QUEUED, settled_at=None, attempts=0)
    described.redis.documents["webhook_config"]["webhook_sending_enabled"] = False
    sent, answered = look(described, now)[SENT:]
    assert sent.state == "stuck"
    assert "sending is switched off" in sent.text
    assert answered.state == "ahead"


def test_a_failed_try_is_told_with_the_next_one(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    arrived(state, now, state=MailState.RELAYED)
    Attempt.objects.update(outcome=Outcome.FAILED, status=404, error="HTTP 404")
    later = now + timedelta(minutes=5)
    Delivery.objects.update(state=State.RETRY, settled_at=None, due_at=later, failures=1)
    sent, answered = look(described, now)[SENT:]
    assert (sent.state, answered.state) == ("done", "stuck")
    assert "It did not take the webhook: HTTP 404. Now: next try at" in answered.text
    assert "Nothing listens at this address" in answered.advice


def test_the_first_mail_since_then_is_followed_where_no_token_is_known(
    described: Stores, now: datetime, state: MailboxState
) -> None:
    arrived(state, now, subject="Livraison")
    assert look(described, now)[SEEN].state == "now"
    assert look(described, now, token="")[SEEN].state == "done"


@pytest.mark.parametrize(
    "query",
    [{}, {"mail": TOKEN}, {"since": "x"}, {"since": "9" * 30}, {"mail": "%", "since": "1"}],
)
def test_an_address_that_makes_no_sense_follows_nothing(query: dict[str, str]) -> None:
    assert wanted(query) is None


def test_an_address_says_what_is_followed() -> None:
    followed = wanted({"mail": TOKEN, "since": "1700000000"})
    assert followed is not None
    assert followed.query == f"mail={TOKEN}&since=1700000000"
