"""Whether the first page says what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig
from tests.render_signal.first_page import board, login, save
from tests.render_signal.service import KEY, Service
from tests.render_signal.troubles import (
    alerts_off,
    alerts_to_nobody,
    dead,
    failing,
    faulty,
    forbidden_address,
    held_back,
    left_the_list,
    never_searched,
    no_address,
    no_poller,
    nowhere,
    overdue_search,
    paused,
    quarantined,
    stumbling,
    trouble,
    twin,
    waits_for_long,
)
from webhooks.models import Delivery, Transfer

pytestmark = pytest.mark.django_db
KNOWN_TO_HEALTH = {
    "database", "redis", "configuration", "lock", "mailbox", "deliveries", "routing",
}  # fmt: skip


@pytest.mark.parametrize(
    ("happens", "sentence", "leads_to"),
    [
        (no_poller, "No mail is read: no runpoller is at work.", ""),
        (trouble, "mailbox default has refused the login.", "/configstore/mailbox/default/"),
        (overdue_search, "mailbox default has not been searched.", "/polling/mailboxstate/"),
        (never_searched, "Mailbox default was never searched.", "/polling/mailboxstate/"),
        (twin, "Mailbox sales: It is not set up", "/configstore/mailbox/sales/"),
        (held_back, "What waits from mailbox default is held back.", "/mailbox/default/"),
        (quarantined, "1 mail of mailbox default could not be read.", "state__exact=quarantined"),
        (paused, "Endpoint default is paused", "/configstore/webhook/webhook_config/"),
        (failing, "endpoint default has been failing.", "/configstore/webhook/webhook_config/"),
        (no_address, "Nothing can be sent to endpoint default.", "/webhook/webhook_config/"),
        (forbidden_address, "Nothing can be sent to endpoint default.", "/webhook_config/"),
        (left_the_list, "Nothing can be sent to endpoint former.", "open=yes&endpoint=former"),
        (waits_for_long, "a delivery to endpoint default has been due.", "endpoint=default"),
        (dead, "2 deliveries to endpoint default are dead.", "state__exact=dead"),
        (nowhere, "Rule “Invoices” leads to endpoint crm", "/configstore/routing/"),
        (
            alerts_off,
            "Nobody is told of alerts: “Tell people when deliveries are in trouble” is off.",
            "on_failure",
        ),
        (alerts_to_nobody, "Nobody is told of alerts: no mail server", "#id_alert_webhook_url"),
        (faulty, "Settings are faulty: Redis holds a faulty processing_prefs", "/processing/"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_trouble_is_told_with_what_to_do(
    service: Service, happens: Callable[[Service], None], sentence: str, leads_to: str
) -> None:
    happens(service)
    (need,) = board()[0].needs
    assert sentence in need.sentence
    assert need.advice
    assert leads_to in " ".join(link.address for link in need.links)
    browser = login("view_delivery")
    assert {browser.get(link.address).status_code for link in need.links} <= {200, 403}


def test_all_is_well(service: Service) -> None:
    shown, text = board()
    assert (shown.needs, shown.headline) == ((), "All is well")
    assert "connected" not in text  # since when is not known before a session has begun


def test_nothing_that_health_complains_of_is_unknown_here(service: Service) -> None:
    """A new part of /health is something new to tell here, too."""
    parts = service.health()["parts"]
    assert {name.partition(":")[0] for name in parts} <= KNOWN_TO_HEALTH


def test_what_is_new_is_led_to_its_first_steps(service: Service, settings: LazySettings) -> None:
    settings.IMAP_SERVER = settings.EMAIL_ADDRESS = settings.EMAIL_PASSWORD = ""
    service.redis.delete(KEY)
    (need,) = board()[0].needs
    assert need.sentence == "No mailbox is set up yet."
    assert need.links


def test_a_redis_that_is_away_is_told_once(service: Service, settings: LazySettings) -> None:
    board(browser := login())
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    shown, _ = board(browser)
    assert [need.sentence for need in shown.needs] == ["Redis cannot be reached."]


def test_what_redis_alone_knows_is_not_said_while_it_is_away(
    service: Service, settings: LazySettings
) -> None:
    save(service, "polling_config", interval_seconds=60)
    board(browser := login())
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    config_store().current(PollingConfig)
    shown, text = board(browser)
    (row,) = shown.mailboxes
    assert row.lock == "not known: Redis cannot be asked"
    (figure,) = [each for each in shown.figures if each.key == "settings"]
    assert "last good copy" in figure.value
    assert "nobody" not in text


def test_an_endpoint_that_something_waits_for_is_never_well(service: Service) -> None:
    stumbling(service)
    shown, text = board()
    (need,) = shown.needs
    assert need.sentence == "Endpoint default did not take the last webhook."
    assert need.detail == "HTTP 500"
    assert need.advice.startswith("It is asked again at ")
    assert need.advice.endswith("“Resume” asks it now. 1 webhook waits for it; nothing is lost.")
    assert (need.resume, need.urgent) == ("default", False)
    assert "All is well" not in text
    Delivery.objects.update(due_at=timezone.now())
    browser = login("view_webhook", "view_delivery")
    assert board(browser)[0].needs[0].advice.startswith("It is asked again now")
    Delivery.objects.all().delete()
    assert board(browser)[0].needs == ()


def test_a_schedule_is_no_trouble(service: Service) -> None:
    save(service, "polling_config", enable_polling=False)
    overdue_search(service)
    shown, text = board()
    assert shown.needs == ()
    assert "switched off" in text


def test_files_that_the_worker_does_not_take_are_told(
    service: Service, settings: LazySettings
) -> None:
    settings.R2_FETCH_ENABLED = True
    for name, times in {"a": {"failed_at": timezone.now()}, "b": {}}.items():
        Transfer.objects.create(digest=name, source="https://x.example", **times)
    (need,) = board()[0].needs
    assert need.sentence == "1 file was not moved to R2 in the last 24 hours."
    assert login("view_transfer").get(need.links[0].address).context["cl"].result_count == 1


def test_the_page_is_the_same_with_the_board_in_it(service: Service) -> None:
    text = login().get("/admin/").content.decode()
    assert text.index("All is well") < text.index("Settings") < text.index("All lists")
    assert "style=" not in text
    assert "onclick" not in text
