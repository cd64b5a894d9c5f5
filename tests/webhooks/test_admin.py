"""What a person may do in the journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.utils import timezone

from tests.webhooks.examples import NOW, OK, TOO_LARGE, after, claim, endpoint, enqueue, finish
from tests.webhooks.staff import login
from webhooks.models import Delivery, EndpointState, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    return login("view_delivery", "change_delivery", "view_endpointstate", "change_endpointstate")


def act(browser: Browser, page: str, action: str, *names: int) -> str:
    """Choose these rows and the action. What the page says then."""
    chosen = {"action": action, "_selected_action": [str(name) for name in names]}
    response = browser.post(f"/admin/webhooks/{page}/", chosen, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def deliveries(action: str, browser: Browser) -> str:
    return act(browser, "delivery", action, *Delivery.objects.values_list("pk", flat=True))


def row(name: str) -> Delivery:
    return Delivery.objects.get(message_id=name)


def have(**states: State) -> None:
    """Deliveries of these names in these states, tried a few times."""
    enqueue(*states)
    for name, state in states.items():
        changes = {"attempts": 10, "failures": 9, "reason": "HTTP 503", "settled_at": after(9)}
        Delivery.objects.filter(message_id=name).update(state=state, outage_mark=7.0, **changes)


@pytest.mark.parametrize("state", [State.DEAD, State.CANCELLED])
def test_what_has_ended_is_sent_again_with_all_its_tries(browser: Browser, state: State) -> None:
    have(a=state)
    before = row("a")
    assert deliveries("send_again", browser).startswith("1 delivery is queued.")
    after_it = row("a")
    assert (after_it.state, after_it.failures, after_it.attempts) == (State.QUEUED, 0, 10)
    assert (after_it.reason, after_it.settled_at, after_it.outage_mark) == ("", None, None)
    assert (after_it.webhook_id, after_it.payload) == (before.webhook_id, before.payload)
    assert abs(timezone.now() - after_it.due_at) < timedelta(seconds=5)


def test_what_was_sent_again_is_delivered(browser: Browser) -> None:
    enqueue("a")
    (first,) = claim()
    finish(first, TOO_LARGE, after(1))
    deliveries("send_again", browser)
    (got,) = claim(at=timezone.now())
    assert got.number == 2
    assert finish(got, OK, timezone.now()) == {"a"}


def test_what_waits_for_a_retry_is_tried_now_and_what_was_delivered_is_left(
    browser: Browser,
) -> None:
    have(a=State.DEAD, b=State.DELIVERED, c=State.RETRY, d=State.SENDING)
    told = deliveries("send_again", browser)
    assert told.startswith("2 deliveries are queued.")
    assert told.endswith(" 2 were left as they are, 1 of them being sent.")
    assert row("b").state == State.DELIVERED
    assert (row("c").state, row("c").failures) == (State.QUEUED, 0)
    assert row("d").state == State.SENDING


def test_what_still_keeps_them_from_leaving_is_told(browser: Browser) -> None:
    have(a=State.DEAD)
    told = deliveries("send_again", browser)
    assert told.startswith("1 delivery is queued. Endpoint default: held until somebody acts: no ")


def test_an_endpoint_that_is_failing_is_asked_at_once(browser: Browser) -> None:
    have(a=State.RETRY)
    later = timezone.now() + timedelta(minutes=1)
    EndpointState.objects.create(endpoint="default", failures=9, probe_at=later)
    deliveries("send_again", browser)
    assert EndpointState.objects.filter(probe_at__lte=timezone.now()).exists()


def test_what_was_delivered_is_sent_once_more_from_its_own_page(browser: Browser) -> None:
    have(a=State.DELIVERED)
    page = f"/admin/webhooks/delivery/{row('a').pk}/change/"
    assert "Send once more" in browser.get(page).content.decode()
    before = row("a").webhook_id
    browser.post(page, {"send_again": ""})
    assert (row("a").state, row("a").webhook_id) == (State.QUEUED, before)


def test_what_waits_is_cancelled_by_name(browser: Browser) -> None:
    have(a=State.QUEUED, b=State.RETRY)
    assert deliveries("cancel", browser) == "2 deliveries are cancelled."
    assert {(row(name).state, row(name).reason) for name in "ab"} == {
        (State.CANCELLED, "cancelled by anna")
    }
    assert row("a").settled_at is not None
    assert claim(at=timezone.now()) == []


def test_what_is_being_sent_is_not_cancelled(browser: Browser) -> None:
    enqueue("a", "b")
    (got,) = claim(1)
    told = deliveries("cancel", browser)
    assert told == "1 delivery is cancelled. 1 was left as it is, 1 of them being sent."
    assert finish(got, OK, after(1)) == {"a"}
    assert row("a").state == State.DELIVERED


def pause() -> EndpointState:
    return EndpointState.objects.create(
        endpoint="default",
        fingerprint=endpoint().fingerprint,
        failures=7,
        failing_since=NOW,
        failed_at=NOW,
        probe_at=timezone.now() + timedelta(hours=1),
        paused="the endpoint answered 410 Gone",
        last_error="HTTP 410",
    )


def test_an_endpoint_that_is_resumed_gets_everything_at_once(browser: Browser) -> None:
    enqueue("a", "b")
    Delivery.objects.filter(message_id="b").update(
        state=State.RETRY, due_at=timezone.now() + timedelta(hours=5)
    )
    state = pause()
    assert claim(at=timezone.now()) == []
    assert act(browser, "endpointstate", "resume", state.pk) == "1 endpoint is resumed."
    state.refresh_from_db()
    assert (state.paused, state.failures, state.probe_at) == ("", 0, None)
    assert (state.failing_since, state.failed_at, state.last_error) == (None, None, "")
    assert len(claim(at=timezone.now())) == 2


def test_the_history_says_who_did_it(browser: Browser) -> None:
    have(a=State.DEAD, b=State.QUEUED)
    deliveries("send_again", browser)
    deliveries("cancel", browser)
    act(browser, "endpointstate", "resume", pause().pk)
    entries = LogEntry.objects.order_by("pk").values_list(
        "user__username", "object_repr", "change_message"
    )
    a, b = row("a").webhook_id, row("b").webhook_id
    texts = [entry[2] for entry in entries]
    assert texts == ["Sent again.", "Cancelled.", "Cancelled.", "Resumed."]
    assert {entry[:2] for entry in entries} == {("anna", a), ("anna", b), ("anna", "default")}


@pytest.mark.parametrize("action", ["send_again", "cancel"])
def test_who_may_only_look_at_deliveries_changes_none(action: str) -> None:
    have(a=State.DEAD, b=State.RETRY)
    before = list(Delivery.objects.values())
    browser = login("view_delivery", "change_endpointstate")
    assert deliveries(action, browser) == ""
    assert list(Delivery.objects.values()) == before


def test_who_may_only_look_at_endpoints_resumes_none() -> None:
    state = pause()
    browser = login("view_endpointstate", "change_delivery")
    act(browser, "endpointstate", "resume", state.pk)
    state.refresh_from_db()
    assert state.paused
