"""Whatever is in the journal: each number of the first page is that of the rows it leads to."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configstore.declared import config_store
from tests.render_signal.first_page import FRAGMENT, login, save
from tests.render_signal.service import Service
from webhooks.models import Attempt, Delivery, Outcome, State

pytestmark = pytest.mark.django_db
ENDPOINTS = ("default", "sales", "listed nowhere")
REASONS = ("", "HTTP 503", "given up: HTTP 503, again", 'said "no" & 100 % <b>', "refusé : été")
SETTLED = (State.DELIVERED, State.DEAD, State.CANCELLED)
ZONES = ("Europe/Paris", "America/Los_Angeles", "Pacific/Auckland")
LINK = re.compile(r'<a (?:id="[^"]*" )?href="(/admin/webhooks/delivery/\?[^"]*)"[^>]*>(\d+)</a>')
# Minutes ago: around both ends of the day, and an hour on the clock.
AGES = st.sampled_from((0, 1, 59, 60, 61, 600, 1439, 1441, 3000)) | st.integers(0, 3000)
ROW = st.tuples(
    st.sampled_from(State), st.sampled_from(ENDPOINTS), st.sampled_from(REASONS), AGES,
    st.lists(st.tuples(st.sampled_from(Outcome), AGES), max_size=3),
)  # fmt: skip
Row = tuple[State, str, str, int, list[tuple[Outcome, int]]]


def fill(rows: list[Row], now: datetime) -> None:
    Delivery.objects.all().delete()
    for state, endpoint, reason, minutes, tries in rows:
        at = now - timedelta(minutes=minutes)
        name = uuid.uuid4().hex
        delivery = Delivery.objects.create(
            message_id=name, source="default", endpoint=endpoint, webhook_id=name, payload="{}",
            state=state, reason=reason, created_at=at, due_at=at,
            settled_at=at if state in SETTLED else None,
        )  # fmt: skip
        for number, (outcome, ago) in enumerate(tries):
            began = now - timedelta(minutes=ago)
            Attempt.objects.create(
                delivery=delivery, number=number, token=uuid.uuid4(), outcome=outcome,
                started_at=began, ended_at=began + timedelta(seconds=1),
            )  # fmt: skip


def rows_behind(browser: Browser, address: str) -> int:
    answer: Any = browser.get(unescape(address))
    assert answer.status_code == 200, address
    count: int = answer.context["cl"].result_count
    return count


def dead_again(browser: Browser, address: str) -> int:
    answer: Any = browser.get(address)
    count: int = answer.context["count"]
    return count


@pytest.fixture
def browser(service: Service) -> Browser:
    save(service, "webhook_config", webhook_url="https://h.example/", endpoints=["sales"])
    save(service, "webhook_config:sales", webhook_url="https://sales.example/")
    return login()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ROW, max_size=12), zone=st.sampled_from(ZONES))
def test_each_number_is_that_of_the_rows_behind_it(
    browser: Browser, service: Service, rows: list[Row], zone: str
) -> None:
    save(service, "polling_config", timezone=zone)
    config_store.cache_clear()
    fill(rows, timezone.now())
    answer: Any = browser.get(FRAGMENT)
    text = answer.content.decode()
    links = LINK.findall(text)
    assert links, "the page has no number"
    for address, number in links:
        assert rows_behind(browser, address) == int(number), address
    told = {each.sentence: each for each in answer.context["board"].needs}
    for endpoint in ENDPOINTS:
        dead = sum(row[:2] == (State.DEAD, endpoint) for row in rows)
        said = [need for need in told.values() if f"endpoint {endpoint} " in need.sentence
                and "dead" in need.sentence]  # fmt: skip
        assert len(said) == bool(dead)
        for need in said:
            look, again = need.links
            assert need.sentence.startswith(f"{dead} ")
            assert rows_behind(browser, look.address) == dead
            assert dead_again(browser, again.address) == dead


def test_what_died_on_the_day_before_of_the_reader_is_sent_again_too(
    browser: Browser, service: Service
) -> None:
    save(service, "polling_config", timezone="America/Los_Angeles")
    config_store.cache_clear()
    fill([(State.DEAD, "sales", "", 0, [])], now := timezone.now())
    at_three = (now - timedelta(days=2)).replace(hour=3)
    Delivery.objects.update(settled_at=at_three)
    (need,) = (
        each for each in browser.get(FRAGMENT).context["board"].needs if "dead" in each.sentence
    )
    assert dead_again(browser, need.links[1].address) == 1


def test_the_name_of_an_endpoint_leads_to_its_page_while_it_has_one(browser: Browser) -> None:
    fill([(State.QUEUED, name, "", 0, []) for name in ENDPOINTS], timezone.now())
    answer: Any = browser.get(FRAGMENT)
    pages = {row.name: row.address for row in answer.context["board"].queues}
    assert not pages.pop("listed nowhere")
    assert {browser.get(page).status_code for page in pages.values()} == {200}
