"""Whether the first page says what is wrong, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client as Browser
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from polling.models import KnownTerm, Mail, MailState
from render_signal.dashboard.board import Board
from tests.render_signal.service import KEY, SECRETS, Service
from tests.webhooks.examples import enqueue
from webhooks.endpoints import described_endpoint
from webhooks.models import Delivery, EndpointState, State, Transfer

pytestmark = pytest.mark.django_db
FRAGMENT = "/admin/dashboard/"
KNOWN_TO_HEALTH = {
    "database", "redis", "configuration", "lock", "mailbox", "deliveries", "routing",
}  # fmt: skip


def login(*permissions: str) -> Browser:
    """Somebody who may do everything, or just this."""
    if permissions:
        user = User.objects.create_user("anna", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    else:
        user = User.objects.create_superuser("ada")
    browser = Browser()
    browser.force_login(user)
    return browser


def board(browser: Browser | None = None, language: str = "en") -> tuple[Board, str]:
    answer = (browser or login()).get(FRAGMENT, headers={"accept-language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert not [secret for secret in SECRETS.values() if secret in text]
    return answer.context["board"], text


def save(service: Service, name: str, **fields: Any) -> None:
    service.redis.set(f"r:ss:config:{name}", json.dumps(fields))


def endpoint(**fields: Any) -> None:
    described = described_endpoint(config_store().get(WebhookConfig), ProcessingPrefs())
    assert described is not None
    EndpointState.objects.create(endpoint="default", fingerprint=described.fingerprint, **fields)


def no_poller(service: Service) -> None:
    service.redis.delete(KEY)


def trouble(service: Service) -> None:
    service.mailbox.note_trouble("IMAP login failed", "authentication", timezone.now())


def overdue_search(service: Service) -> None:
    service.mailbox.note_searched(timezone.now() - timedelta(minutes=6))


def never_searched(service: Service) -> None:
    service.mailbox.delete()


def twin(service: Service) -> None:
    save(service, "polling_config", mailboxes=["sales"])
    service.redis.set(f"{KEY}:sales", "pid=7 host=web-1 since=now")


def held_back(service: Service) -> None:
    enqueue("a", at=timezone.now())
    KnownTerm.note("default", held_back=True)


def quarantined(service: Service) -> None:
    Mail.objects.create(
        mailbox=service.mailbox, uidvalidity=1, uid=1, state=MailState.QUARANTINED,
        seen_at=timezone.now(),
    )  # fmt: skip


def paused(service: Service) -> None:
    endpoint(paused="the endpoint answered 410 Gone")


def failing(service: Service) -> None:
    endpoint(failures=4, failing_since=timezone.now(), last_error="HTTP 503")


def stumbling(service: Service) -> None:
    enqueue("a", at=timezone.now())
    Delivery.objects.update(state=State.RETRY, due_at=timezone.now() + timedelta(minutes=5))
    endpoint(failures=1, failing_since=timezone.now(), last_error="HTTP 500")


def no_address(service: Service) -> None:
    enqueue("a", at=timezone.now())
    save(service, "webhook_config", webhook_url=None)


def forbidden_address(service: Service) -> None:
    save(service, "webhook_config", webhook_url="https://10.0.0.1/x")


def left_the_list(service: Service) -> None:
    enqueue("a", at=timezone.now())
    Delivery.objects.update(endpoint="former")


def waits_for_long(service: Service) -> None:
    enqueue("a", at=timezone.now() - timedelta(minutes=16))


def dead(service: Service) -> None:
    enqueue("a", "b", at=timezone.now())
    Delivery.objects.update(state=State.DEAD, reason="HTTP 404", settled_at=timezone.now())


def nowhere(service: Service) -> None:
    save(service, "routing_rules", rules=[{"name": "Invoices", "endpoint": "crm"}])


def alerts_off(service: Service) -> None:
    save(service, "processing_prefs", notify_on_failure=False)


def alerts_to_nobody(service: Service) -> None:
    save(service, "processing_prefs", alert_webhook_url=None)


def faulty(service: Service) -> None:
    config_store().get(ProcessingPrefs)
    save(service, "processing_prefs", retry_count="many")
    config_store().current(ProcessingPrefs)


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


def test_who_may_only_look_sees_no_button(service: Service) -> None:
    paused(service)
    enqueue("a", at=timezone.now())
    dead(service)
    resume = 'aria-label="Resume endpoint default"'
    assert resume in board()[1]
    shown, text = board(login("view_webhook", "view_delivery"))
    assert len(shown.needs) == 2
    assert resume not in text
    assert "send-again" not in text


@pytest.mark.parametrize(
    ("permission", "seen", "hidden"),
    [
        ("view_delivery", "are dead", "mailbox default"),
        ("view_mailbox", "has refused the login", "are dead"),
        ("view_mail", "All that you may see is well", "are dead"),
    ],
)
def test_what_somebody_may_not_view_is_not_shown(
    service: Service, permission: str, seen: str, hidden: str
) -> None:
    dead(service)
    trouble(service)
    _, text = board(login(permission))
    assert seen in text
    assert hidden not in text


def test_who_may_see_nothing_of_it_is_shown_nothing(service: Service) -> None:
    browser = login("view_user")
    assert browser.get(FRAGMENT).content.strip() == b""
    assert b'id="dashboard"' not in browser.get("/admin/").content


def test_a_stranger_is_sent_to_the_login(service: Service) -> None:
    assert Browser().get(FRAGMENT)["Location"].startswith("/admin/login/")


def test_the_page_is_the_same_with_the_board_in_it(service: Service) -> None:
    text = login().get("/admin/").content.decode()
    assert text.index("All is well") < text.index("Settings") < text.index("All lists")
    assert "style=" not in text
    assert "onclick" not in text


def test_who_may_not_use_the_assistant_is_not_sent_there(
    service: Service, settings: LazySettings
) -> None:
    settings.IMAP_SERVER = settings.EMAIL_ADDRESS = settings.EMAIL_PASSWORD = ""
    shown, _ = board(login("view_mailbox", "view_webhook"))
    assert [need.links for need in shown.needs if "No mailbox is set up" in need.sentence] == [()]
