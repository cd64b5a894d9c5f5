"""The numbers of the first page, and the rows behind them."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from configstore.declared import config_store
from tests import journal
from tests.render_signal.first_page import FRAGMENT, board, login, save
from tests.render_signal.service import Service
from tests.render_signal.troubles import endpoint
from tests.webhooks.examples import enqueue
from webhooks.models import Attempt, Delivery, Outcome, State, Transfer

pytestmark = pytest.mark.django_db


def settle(name: str, state: State, at: datetime) -> None:
    Delivery.objects.filter(message_id=name).update(state=state, settled_at=at)


def tried(name: str, at: datetime, seconds: float, outcome: Outcome = Outcome.DELIVERED) -> None:
    delivery = Delivery.objects.get(message_id=name)
    Delivery.objects.filter(pk=delivery.pk).update(tried_at=at)
    Attempt.objects.create(
        delivery=delivery, number=1, token=uuid.uuid4(), outcome=outcome, started_at=at,
        ended_at=at + timedelta(seconds=seconds),
    )  # fmt: skip


@pytest.fixture
def filled(service: Service) -> None:
    """Some of the last day, and older ones that do not count."""
    now = timezone.now()
    enqueue("a", "b", "c", "d", "e", "old", at=now - timedelta(minutes=1))
    settle("a", State.DELIVERED, now)
    settle("b", State.DELIVERED, now - timedelta(hours=23, minutes=58))
    settle("c", State.DEAD, now - timedelta(hours=3))
    settle("old", State.DELIVERED, now - timedelta(hours=24, minutes=2))
    tried("a", now - timedelta(minutes=5), 0.5)
    tried("b", now - timedelta(hours=2), 1.5, Outcome.FAILED)
    tried("old", now - timedelta(hours=25), 9, Outcome.FAILED)


def rows(browser: Browser, address: str) -> int:
    answer = browser.get(address)
    assert answer.status_code == 200
    count: int = answer.context["cl"].result_count
    return count


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("key", "count"), [("delivered", 2), ("failed", 1), ("waiting", 2), ("dead", 1)]
)
def test_each_number_leads_to_so_many_rows(key: str, count: int) -> None:
    shown, _ = board(browser := login())
    (figure,) = (figure for figure in shown.figures if figure.key == key)
    assert figure.value == str(count)
    assert rows(browser, figure.address) == count


@pytest.mark.usefixtures("filled")
def test_each_number_of_an_hour_leads_to_so_many_rows() -> None:
    shown, _ = board(browser := login())
    assert shown.chart is not None
    for column in shown.chart.columns:
        for kind in ("delivered", "failed", "dead"):
            address, count = getattr(column, kind), getattr(column.hour, kind)
            assert rows(browser, address) == count if count else not address


@pytest.mark.usefixtures("filled")
def test_the_reasons_of_the_dead_lead_to_their_rows() -> None:
    Delivery.objects.filter(message_id="c").update(reason="given up: HTTP 503, again")
    shown, _ = board(browser := login())
    (row,) = shown.dead
    assert (row.count, rows(browser, row.rows)) == (1, 1)


@pytest.mark.usefixtures("filled")
def test_the_slowest_endpoint_and_its_slowest_try_are_told() -> None:
    shown, _ = board()
    (figure,) = (figure for figure in shown.figures if figure.key == "slowest")
    assert figure.value == "default: 1.0 s"
    assert "the slowest took 1.5 s" in figure.note
    slowest = Delivery.objects.get(message_id="b")
    assert figure.note_address == f"/admin/webhooks/delivery/{slowest.pk}/change/"


@pytest.mark.usefixtures("filled")
def test_the_mail_that_waits_longest_is_told_and_led_to() -> None:
    Delivery.objects.filter(message_id="e").update(
        created_at=timezone.now() - timedelta(minutes=9), subject="Lot 7"
    )
    shown, _ = board()
    (figure,) = (figure for figure in shown.figures if figure.key == "oldest")
    assert figure.note == "Lot 7"
    assert figure.address == "/admin/polling/mail/of/e/"


def test_what_holds_deliveries_is_told_and_until_when(service: Service) -> None:
    hours = [f"{(timezone.now().hour + ahead) % 24:02d}:00" for ahead in (6, 7)]
    save(service, "polling_config", timezone="UTC")
    save(service, "webhook_config", webhook_time_start=hours[0], webhook_time_end=hours[1])
    enqueue("a", at=timezone.now() - timedelta(hours=2))
    shown, _ = board()
    assert shown.needs == ()
    assert shown.queues[0].why.startswith("held: outside the time window, until ")
    (figure,) = (figure for figure in shown.figures if figure.key == "waiting")
    assert (figure.value, figure.note) == ("1", "1 of them held")


@pytest.mark.parametrize(
    ("stored", "failed", "told"), [(0, 0, "—"), (3, 0, "100 %"), (2, 1, "66 %")]
)
def test_how_many_files_were_moved_is_told(
    service: Service, settings: LazySettings, stored: int, failed: int, told: str
) -> None:
    settings.R2_FETCH_ENABLED = True
    now = timezone.now()
    old = now - timedelta(days=2)
    times = [*({"transferred_at": now} for _ in range(stored)),
             *({"transferred_at": old, "failed_at": now} for _ in range(failed)),
             {"transferred_at": old}, {"failed_at": old}]  # fmt: skip
    for number, fields in enumerate(times):
        Transfer.objects.create(digest=str(number), source="https://x.example", **fields)
    shown, _ = board()
    (figure,) = (figure for figure in shown.figures if figure.key == "files")
    assert figure.value == told


def test_the_store_of_the_settings_is_told(service: Service) -> None:
    save(service, "processing_prefs", retry_count=1)
    shown, _ = board()
    (figure,) = (figure for figure in shown.figures if figure.key == "settings")
    assert "Redis" in figure.value


def queries(browser: Browser) -> int:
    board(browser)  # what is read once is known then
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(FRAGMENT).status_code == 200
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(service: Service) -> None:
    browser = login()
    endpoint(paused="it answered 410 Gone")
    enqueue("a", "b", at=timezone.now())
    settle("b", State.DEAD, timezone.now())
    tried("b", timezone.now(), 1)
    few = queries(browser)
    names = [f"box{number}" for number in range(5)]
    for name in names:
        save(service, f"polling_config:{name}", imap_host="i.example", imap_user=name,
             imap_password="x")  # fmt: skip
        save(service, f"webhook_config:{name}", webhook_url=f"https://{name}.example/")
    save(service, "polling_config", mailboxes=names)
    save(service, "webhook_config", endpoints=names)
    journal.fill(service.mailbox, 60, timezone.now())
    for name, row in zip(names * 2, Delivery.objects.order_by("-id")[:10], strict=True):
        Delivery.objects.filter(pk=row.pk).update(endpoint=name, state=State.QUEUED,
                                                  settled_at=None)  # fmt: skip
    config_store.cache_clear()
    assert queries(browser) == few
    assert len(board(browser)[0].mailboxes) == len(names) + 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_picture_is_drawn_in_numbers_that_svg_knows(service: Service, language: str) -> None:
    journal.fill(service.mailbox, 200, timezone.now())
    shown, text = board(language=language)
    picture = text[text.index("<svg") : text.index("</svg>")]
    numbers = re.findall(r' (?:x|y|width|height|x1|x2|y1|y2)="([^"]*)"', picture)
    assert len(numbers) > 20
    assert [number for number in numbers if not re.fullmatch(r"\d+(\.\d+)?", number)] == []
    assert shown.chart is not None
    bars = [bar for column in shown.chart.columns for bar in column.bars]
    assert all(bar.y >= 0 and bar.y + bar.height <= shown.chart.height for bar in bars)
