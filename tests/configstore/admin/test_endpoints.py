"""Several endpoints in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from configstore.fields import WEEKDAYS
from configstore.models import Revision
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import Stores
from tests.webhooks.examples import NOW, OK, claim, enqueue, finish
from webhooks.endpoints import fingerprint
from webhooks.models import Delivery, EndpointState, State

pytestmark = pytest.mark.django_db
LIST = "/admin/configstore/webhook/"
ADD = f"{LIST}add/"
DEFAULT = f"{LIST}webhook_config/change/"
CRM = f"{LIST}crm/change/"
URL = "https://crm.example/s3cret"


def add(browser: Client, name: str = "crm", url: str = URL) -> str:
    text = browser.post(ADD, {"name": name}, follow=True).content.decode()
    address = f"{LIST}{name}/change/"
    if url and 'role="alert"' not in text:
        browser.post(address, filled(browser.get(address), webhook_url=url))
    return text


def page(browser: Client) -> str:
    return " ".join(browser.get(LIST).content.decode().split())


def waiting(endpoint: str, *names: str) -> None:
    enqueue(*names)
    Delivery.objects.filter(message_id__in=names).update(endpoint=endpoint)


def test_an_endpoint_is_added_and_has_a_document_of_its_own(
    browser: Client, stores: Stores
) -> None:
    assert "Endpoint crm" in add(browser)
    assert stores["webhook_config"] == {"endpoints": ["crm"]}
    assert stores["webhook_config:crm"] == {"webhook_url": URL}
    assert "https://crm.example/…" in page(browser)
    assert "s3cret" not in page(browser)


def test_the_default_endpoint_keeps_its_address_and_stays(browser: Client, stores: Stores) -> None:
    add(browser)
    browser.post(DEFAULT, filled(browser.get(DEFAULT), webhook_url="https://a.example/x"))
    assert stores["webhook_config"] == {
        "endpoints": ["crm"], "webhook_url": "https://a.example/x"
    }  # fmt: skip
    assert browser.post(f"{LIST}webhook_config/delete/").status_code == 403
    assert browser.post(f"{LIST}default/delete/").status_code == 403


def test_an_endpoint_is_removed_with_its_document(browser: Client, stores: Stores) -> None:
    add(browser)
    assert "Stop sending" in browser.get(f"{LIST}crm/delete/").content.decode()
    assert stores["webhook_config"] == {"endpoints": ["crm"]}
    browser.post(f"{LIST}crm/delete/")
    assert stores["webhook_config"] == {"endpoints": []}
    assert stores["webhook_config:crm"] is None
    assert browser.get(CRM).status_code == 404
    removal = Revision.objects.filter(document="webhook_config:crm").first()
    assert removal is not None
    assert (removal.before, removal.action) == ({"webhook_url": URL}, "removed endpoint crm")


def test_what_waits_for_an_endpoint_that_is_removed_goes_on_waiting_and_is_told(
    browser: Client, stores: Stores
) -> None:
    add(browser)
    waiting("crm", "a", "b")
    assert "2 webhooks wait for it" in browser.get(f"{LIST}crm/delete/").content.decode()
    browser.post(f"{LIST}crm/delete/")
    assert Delivery.objects.filter(endpoint="crm", state=State.QUEUED).count() == 2
    assert "not listed in webhook_config" in page(browser)
    assert "/webhook/add/?name=crm" in page(browser)


def test_the_journal_leads_to_the_button_that_sends_a_test(browser: Client, stores: Stores) -> None:
    journal = "/admin/webhooks/delivery/"
    assert f'"{DEFAULT}#row_webhook_url"' in browser.get(journal).content.decode()
    add(browser)
    assert f'<li><a href="{LIST}">Send a test' in browser.get(journal).content.decode()
    assert "To send a test webhook, open an endpoint" in page(browser)


def test_an_endpoint_that_rules_send_to_is_not_removed(browser: Client, stores: Stores) -> None:
    add(browser)
    stores.redis.documents["routing_rules"] = {"rules": [{"name": "Invoices", "endpoint": "crm"}]}
    refused = browser.post(f"{LIST}crm/delete/").content.decode()
    assert "A routing rule sends mails to it: “Invoices”" in refused
    assert stores["webhook_config"] == {"endpoints": ["crm"]}


def state(**fields: Any) -> None:
    EndpointState.objects.create(endpoint="crm", fingerprint=fingerprint(URL), **fields)


@pytest.mark.parametrize(
    ("document", "known", "told"),
    [
        ({}, {}, '<span class="tag ok">open'),
        ({"webhook_url": None}, {}, '<span class="tag bad">no address'),
        ({"webhook_url": "https://127.0.0.1/x"}, {}, "its address cannot be used"),
        (
            {"absence_pause_enabled": True, "absence_pause_days": [*WEEKDAYS]},
            {"failures": 3, "failing_since": NOW},
            '<span class="tag">absence on every day',
        ),
        ({"webhook_sending_enabled": False}, {}, '<span class="tag">switched off'),
        ({"webhook_headers": {"x-key": "fernet:x"}}, {}, "its settings cannot be used"),
        ({"webhook_delivery_mode": "fax"}, {}, "faulty"),
        (
            {},
            {"failures": 3, "failing_since": NOW},
            ">failing since Nov. 20, 2026, ",
        ),
        ({}, {"paused": "the endpoint answered 410 Gone"}, "paused until somebody resumes it"),
    ],
)
def test_the_list_says_how_it_goes_with_each(
    browser: Client, stores: Stores, document: Any, known: Any, told: str
) -> None:
    stores.redis.documents["webhook_config"] = {"endpoints": ["crm"]}
    stores.redis.documents["webhook_config:crm"] = {"webhook_url": URL} | document
    if known:
        state(**known)
    assert told in page(browser)


def test_the_list_says_when_an_endpoint_opens(browser: Client, stores: Stores) -> None:
    hours = [f"{(timezone.now().hour + ahead) % 24:02d}:00" for ahead in (6, 7)]
    stores.redis.documents["polling_config"] = {"timezone": "UTC"}
    stores.redis.documents["webhook_config"] = {
        "webhook_url": URL, "webhook_time_start": hours[0], "webhook_time_end": hours[1]
    }  # fmt: skip
    assert "outside its times until" in page(browser)


def test_the_list_says_that_the_hour_is_full(browser: Client, stores: Stores) -> None:
    stores.redis.documents["webhook_config"] = {"webhook_url": URL}
    stores.redis.documents["processing_prefs"] = {"rate_limit_per_hour": 1}
    enqueue("a")
    (tried,) = claim(at=timezone.now())
    finish(tried, OK, timezone.now())
    assert "enough for this hour, until" in page(browser)


def test_the_list_counts_what_waits_and_what_is_dead_in_few_queries(
    browser: Client, stores: Stores
) -> None:
    names = [f"e{number}" for number in range(20)]
    stores.redis.documents["webhook_config"] = {"endpoints": names}
    waiting("e1", "a", "b", "c")
    Delivery.objects.filter(message_id="c").update(state=State.DEAD)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = page(browser)
    row = text.partition(">e1</a>")[2].partition("</tr>")[0]
    assert 'data-label="Waiting">2<' in row
    assert 'data-label="Dead">1<' in row
    assert len([each for each in queries if "webhooks_" in each["sql"]]) == 2


def test_the_first_page_names_the_further_endpoints(browser: Client, stores: Stores) -> None:
    add(browser)
    text = browser.get("/admin/").content.decode()
    assert "More endpoints" in text
    assert LIST in text


def test_an_endpoint_that_is_paused_is_resumed_from_the_list_and_from_its_page(
    browser: Client, stores: Stores
) -> None:
    stores.redis.documents["webhook_config"] = {"endpoints": ["crm"]}
    stores.redis.documents["webhook_config:crm"] = {"webhook_url": URL}
    assert "Resume" not in page(browser) + browser.get(CRM).content.decode()
    state(paused="the endpoint answered 410 Gone: tell somebody")
    assert 'aria-label="Resume endpoint crm"' in page(browser)
    shown = browser.get(CRM).content.decode()
    assert "Paused: the endpoint answered 410 Gone: tell somebody." in shown
    assert f'name="back" value="{CRM}"' in shown
