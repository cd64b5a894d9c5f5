"""All dead deliveries of an endpoint since a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser

from tests.webhooks.examples import enqueue
from tests.webhooks.staff import login
from webhooks import told
from webhooks.models import Delivery, State

pytestmark = pytest.mark.django_db
PAGE = "/admin/webhooks/delivery/send-again/"
CHOICE = {"endpoint": "default", "since": "2026-11-20"}


@pytest.fixture
def browser() -> Browser:
    return login("view_delivery", "change_delivery")


def dead(name: str, day: int, endpoint: str = "default", state: State = State.DEAD) -> None:
    enqueue(name)
    at = datetime(2026, 11, day, tzinfo=UTC)
    Delivery.objects.filter(message_id=name).update(
        state=state, endpoint=endpoint, settled_at=at, reason="HTTP 503", failures=9
    )


def queued() -> set[str]:
    rows = Delivery.objects.filter(state=State.QUEUED)
    return set(rows.values_list("message_id", flat=True))


def some() -> None:
    dead("before", 19)
    dead("that day", 20)
    dead("later", 21)
    dead("elsewhere", 21, endpoint="sales")
    dead("cancelled", 21, state=State.CANCELLED)


def test_how_many_there_are_is_shown_and_nothing_is_sent_yet(browser: Browser) -> None:
    some()
    page = browser.get(PAGE, CHOICE).content.decode()
    assert "2 deliveries to default are dead" in page
    assert queued() == set()


def test_those_of_the_endpoint_since_the_day_are_sent_again(browser: Browser) -> None:
    some()
    answer = browser.post(PAGE, CHOICE, follow=True)
    assert "2 deliveries are queued." in answer.content.decode()
    assert queued() == {"that day", "later"}
    row = Delivery.objects.get(message_id="later")
    assert (row.failures, row.reason, row.settled_at) == (0, "", None)


def test_it_is_one_update_however_many_they_are(
    browser: Browser, django_assert_max_num_queries: object
) -> None:
    counts = []
    for more in (1, 3, 30):
        for number in range(more):
            dead(f"{more} {number}", 21)
        with django_assert_max_num_queries(20) as queries:  # type: ignore[operator]
            browser.post(PAGE, CHOICE)
        counts.append(len(queries))
    assert counts[1] == counts[2]
    assert len(queued()) == 34


def test_the_log_has_one_entry_that_says_what_it_was(browser: Browser) -> None:
    some()
    browser.post(PAGE, CHOICE)
    entry = LogEntry.objects.get()
    assert entry.object_repr == "2 deliveries (dead at default since 2026-11-20)"
    assert (entry.user.get_username(), entry.change_message) == ("anna", "Sent again.")


def test_many_that_are_chosen_in_the_list_are_one_entry_of_the_log(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "MOST_ENTRIES", 2)
    some()
    chosen = {"action": "send_again", "_selected_action": ["1"], "select_across": "1"}
    browser.post("/admin/webhooks/delivery/", chosen)
    assert LogEntry.objects.get().object_repr == "5 deliveries"
    assert len(queued()) == 5


@pytest.mark.parametrize("choice", [{}, {"endpoint": "default", "since": "x"}, {"endpoint": "no"}])
def test_a_choice_that_makes_no_sense_sends_nothing(
    browser: Browser, choice: dict[str, str]
) -> None:
    some()
    assert browser.post(PAGE, choice).status_code == 200
    assert browser.get(PAGE, choice).status_code == 200
    assert queued() == set()


def test_where_nothing_is_dead_it_says_so(browser: Browser) -> None:
    assert "No delivery is dead." in browser.get(PAGE).content.decode()


def test_the_day_of_the_oldest_is_proposed_in_the_time_zone_of_the_settings(
    browser: Browser,
) -> None:
    some()
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    Delivery.objects.filter(message_id="before").update(settled_at=late)
    page = browser.get(PAGE).content.decode()
    assert 'value="2026-11-19"' in page
    assert "in the time zone Europe/Paris" in page
    browser.post(PAGE, {"endpoint": "default", "since": "2026-11-19"})
    assert "before" in queued()


def test_who_may_only_look_is_not_asked() -> None:
    some()
    browser = login("view_delivery")
    assert PAGE not in browser.get("/admin/webhooks/delivery/").content.decode()
    assert browser.get(PAGE, CHOICE).status_code == 403
    assert browser.post(PAGE, CHOICE).status_code == 403
    assert queued() == set()
