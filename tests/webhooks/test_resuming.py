"""The button beside an endpoint that is paused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.stores import Stores
from tests.webhooks.staff import login
from webhooks.models import EndpointState

pytestmark = pytest.mark.django_db
RESUME = "/admin/webhooks/endpointstate/resume/"
MAY = "change_endpointstate"


@pytest.fixture(autouse=True)
def paused() -> None:
    EndpointState.objects.create(endpoint="crm", fingerprint="x", paused="it answered 410 Gone")


def is_paused() -> bool:
    return bool(EndpointState.objects.get().paused)


def test_it_resumes_the_endpoint_and_leads_back() -> None:
    answer = login(MAY).post(RESUME, {"endpoint": "crm", "back": "/admin/"})
    assert (answer.status_code, answer["Location"], is_paused()) == (302, "/admin/", False)
    assert LogEntry.objects.get().change_message == "Resumed."


def test_a_button_that_is_pressed_twice_says_that_it_was_resumed() -> None:
    browser = login(MAY, "view_endpointstate")
    told = [
        browser.post(RESUME, {"endpoint": "crm"}, follow=True).content.decode() for _ in range(2)
    ]
    assert "1 endpoint is resumed." in told[0]
    assert "1 endpoint was resumed already." in told[1]
    assert "is resumed" not in told[1]
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", ""])
def test_it_leads_to_no_other_site(back: str) -> None:
    answer = login(MAY).post(RESUME, {"endpoint": "crm", "back": back})
    assert answer["Location"] == "/admin/webhooks/endpointstate/"


def test_it_takes_the_permission_and_a_press() -> None:
    browser = login("view_endpointstate")
    assert browser.post(RESUME, {"endpoint": "crm"}).status_code == 403
    assert browser.get(RESUME)["Location"] == "/admin/webhooks/endpointstate/"
    assert is_paused()


def test_an_endpoint_that_nobody_knows_is_told() -> None:
    answer = login(MAY, "view_endpointstate").post(RESUME, {"endpoint": "other"}, follow=True)
    assert "0 endpoints are resumed." in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"failures": 9, "probe_at": timezone.now() + timedelta(days=1)}, "it is asked again at"),
        ({"failures": 9, "probe_at": timezone.now()}, "it is asked again now"),
        ({"failures": 2}, "each delivery is tried again at a time of its own"),
        ({"paused": "HTTP 410"}, "until somebody resumes it, or gives it a new address"),
    ],
)
def test_the_list_says_until_when_and_resumes(
    stores: Stores, fields: dict[str, object], until: str
) -> None:
    stores.redis.documents["webhook_config"] = {"endpoints": ["sales"]}
    EndpointState.objects.create(endpoint="sales", fingerprint="0", **fields)
    listed = "/admin/webhooks/endpointstate/"
    page = login(MAY, "view_endpointstate").get(listed).content.decode()
    assert until in page
    assert "/admin/configstore/webhook/sales/change/" in page
    assert "/admin/configstore/webhook/crm/" not in page  # was removed
    assert f'name="endpoint" value="sales" formaction="{RESUME}"' in page


def test_who_may_only_look_gets_no_button_in_the_list() -> None:
    page = login("view_endpointstate").get("/admin/webhooks/endpointstate/").content.decode()
    assert "until somebody resumes it, or gives it a new address" in page
    assert "formaction" not in page
