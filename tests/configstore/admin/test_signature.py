"""Signing secrets and secret headers on the page of an endpoint."""

from __future__ import annotations

import json
import re
import time
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from standardwebhooks import Webhook, WebhookVerificationError

from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.secrets import decrypt, encrypt
from configstore.signing_secrets import derived_secrets, make_secret
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.saving import save
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import PAGES, Stores
from tests.servers.endpoint import Endpoint
from webhooks.endpoints import described_endpoint
from webhooks.probe import try_endpoint

pytestmark = pytest.mark.django_db
NAME = WebhookConfig.NAME
WEBHOOK = PAGES[NAME]
JSON = WEBHOOK.replace("change", "json")
URL = "https://a.example/x"
MASKED = "x-one: ********"


@pytest.fixture
def receiver(endpoint: Endpoint, settings: LazySettings) -> Endpoint:
    """On this machine, where webhooks may go now."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    return endpoint


def make(browser: Client) -> str:
    """What the page shows for a while."""
    fields = filled(browser.get(WEBHOOK), webhook_signing_secrets="new")
    assert "whsec_" not in browser.post(WEBHOOK, fields).content.decode()
    found = re.search(r'value="(whsec_[^"]+)"', browser.get(WEBHOOK).content.decode())
    assert found
    return found[1].replace("&#x3D;", "=")


def remove(browser: Client, number: int) -> None:
    marks = re.findall(
        r'name="webhook_signing_secrets" value="([0-9a-f]{16})"',
        browser.get(WEBHOOK).content.decode(),
    )
    save(browser, WEBHOOK, webhook_signing_secrets=marks[number])


def secrets(stores: Stores) -> list[str]:
    return [*map(decrypt, stores[NAME].get("webhook_signing_secrets", ()))]


def request_of(endpoint: Endpoint, stores: Stores) -> tuple[str, dict[str, str]]:
    config = WebhookConfig.model_validate(stores[NAME] | {"webhook_url": endpoint.url})
    assert try_endpoint(NAME, config).ok
    request = endpoint.requests[-1]
    return request.body.decode(), dict(request.headers)


def test_a_new_secret_is_stored_encrypted_and_the_newest(browser: Client, stores: Stores) -> None:
    first, second = make(browser), make(browser)
    assert secrets(stores)[:2] == [second, first]
    assert all(value.startswith("fernet:") for value in stores[NAME]["webhook_signing_secrets"])


def test_it_survives_a_reload_for_ten_minutes_in_the_browser_that_made_it(
    browser: Client, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, new = make(browser), make(browser)
    answer = browser.get(WEBHOOK)
    assert new in answer.content.decode()
    assert former not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert new not in json.dumps(dict(browser.session))
    assert new not in staff_with("view_webhook", "change_webhook").get(WEBHOOK).content.decode()
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert new not in browser.get(WEBHOOK).content.decode()


def test_the_derived_secret_signs_beside_the_first_new_one_until_it_is_removed(
    browser: Client, stores: Stores
) -> None:
    new = make(browser)
    assert secrets(stores) == [new, *derived_secrets("default")]
    remove(browser, 1)
    assert secrets(stores) == [new]
    remove(browser, 0)
    config = WebhookConfig.model_validate(stores[NAME] | {"webhook_url": URL})
    described = described_endpoint(config, ProcessingPrefs())
    assert described is not None
    assert described.secrets == derived_secrets("default")


def test_receivers_change_from_one_secret_to_the_next_without_missing_a_webhook(
    browser: Client, stores: Stores, receiver: Endpoint
) -> None:
    old, new = make(browser), make(browser)
    body, headers = request_of(receiver, stores)
    Webhook(old).verify(body, headers)
    Webhook(new).verify(body, headers)
    remove(browser, 1)
    body, headers = request_of(receiver, stores)
    Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)


def test_there_are_five_secrets_at_most(browser: Client, stores: Stores) -> None:
    stored = [encrypt(make_secret()) for _ in range(5)]
    stores.redis.documents[NAME] = {"webhook_signing_secrets": stored}
    page = browser.post(WEBHOOK, filled(browser.get(WEBHOOK), webhook_signing_secrets="new"))
    assert "5 secrets at most" in page.content.decode()
    assert stores[NAME] == {"webhook_signing_secrets": stored}


def test_a_secret_that_nobody_can_read_any_more_is_removed(
    browser: Client, stores: Stores, settings: Any
) -> None:
    make(browser)
    settings.CONFIG_ENCRYPTION_KEYS = ["another"]
    for _ in range(2):
        remove(browser, 0)
    assert stores[NAME]["webhook_signing_secrets"] == []


def test_without_one_the_page_says_how_the_derived_secret_is_printed(
    browser: Client, stores: Stores
) -> None:
    stores.redis.documents[NAME] = {"endpoints": ["crm"]}
    assert "“manage.py signingsecret”" in browser.get(WEBHOOK).content.decode()
    crm = browser.get("/admin/configstore/webhook/crm/change/").content.decode()
    assert "“manage.py signingsecret crm”" in crm


def test_headers_are_encrypted_shown_masked_and_kept_when_unchanged(
    browser: Client, stores: Stores
) -> None:
    save(browser, WEBHOOK, webhook_url=URL, webhook_headers="x-one: s3cret: a")
    stored = stores[NAME]["webhook_headers"]
    assert decrypt(stored["x-one"]) == "s3cret: a"
    page = browser.get(WEBHOOK)
    text = page.content.decode()
    assert MASKED in text
    assert "s3cret" not in text
    assert stored["x-one"] not in text
    save(browser, WEBHOOK, webhook_headers=f"{MASKED}\nx-two: b")
    assert stores[NAME]["webhook_headers"]["x-one"] == stored["x-one"]
    assert decrypt(stores[NAME]["webhook_headers"]["x-two"]) == "b"
    save(browser, WEBHOOK, webhook_headers="x-two: ********")
    assert [*stores[NAME]["webhook_headers"]] == ["x-two"]


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ("s3cret", "Write each header as name: value"),
        ("x-a: b\nX-A: c", "X-A stands there twice"),
        ("Host: x", "own"),
        ("a b: x", "not the name of an HTTP header"),
        ("x-a: é", "printable ASCII"),
        (MASKED, "x-one: enter the value"),
    ],
)
def test_a_header_that_is_none_is_refused(
    browser: Client, stores: Stores, headers: str, fault: str
) -> None:
    page = browser.post(WEBHOOK, filled(browser.get(WEBHOOK), webhook_headers=headers))
    assert fault in page.content.decode()
    assert stores[NAME] is None


@pytest.mark.parametrize(
    "change", [{"webhook_url": "https://b.example/x"}, {"webhook_ssl_verify": None}]
)
def test_stored_headers_are_not_sent_to_another_address(
    browser: Client, stores: Stores, change: dict[str, Any]
) -> None:
    save(browser, WEBHOOK, webhook_url=URL, webhook_headers="x-one: s3cret")
    before = stores[NAME]
    for extra in ({}, {"_probe": "endpoint"}):
        page = browser.post(WEBHOOK, filled(browser.get(WEBHOOK), **change) | extra)
        assert "Enter the values again" in page.content.decode()
        assert "answer bad" not in page.content.decode()
    assert stores[NAME] == before
    save(browser, WEBHOOK, webhook_headers="x-one: again", **change)
    assert decrypt(stores[NAME]["webhook_headers"]["x-one"]) == "again"


def test_two_people_who_change_headers_are_told_without_the_values(
    browser: Client, stores: Stores
) -> None:
    save(browser, WEBHOOK, webhook_url=URL, webhook_headers="x-one: one")
    late = filled(browser.get(WEBHOOK), webhook_headers="x-one: late-s3cret")
    save(browser, WEBHOOK, webhook_headers="x-one: first")
    page = browser.post(WEBHOOK, late)
    assert page.status_code == 409
    table = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    assert "Secret headers" in table
    assert "x-one: …" in table
    assert "s3cret" not in table
    browser.post(WEBHOOK, filled(page))
    assert decrypt(stores[NAME]["webhook_headers"]["x-one"]) == "late-s3cret"


def test_who_may_only_look_sees_the_names_of_headers_and_nothing_of_secrets(
    stores: Stores,
) -> None:
    secret = make_secret()
    stores.redis.documents[NAME] = {
        "webhook_headers": {"x-one": "s3cret-by-hand"},
        "webhook_signing_secrets": [encrypt(secret)],
    }
    page = staff_with("view_webhook").get(WEBHOOK).content.decode()
    assert MASKED in page
    assert "s3cret" not in page
    assert "1 is stored" in page
    assert secret[-5:] not in page


def test_secrets_that_are_written_as_json_are_encrypted(browser: Client, stores: Stores) -> None:
    text = json.dumps({"webhook_headers": {"x-one": "s3cret"}})
    browser.post(JSON, filled(browser.get(JSON), text=text))
    assert decrypt(stores[NAME]["webhook_headers"]["x-one"]) == "s3cret"
    assert "s3cret" not in json.dumps(stores[NAME])


def test_a_test_goes_to_the_endpoint_of_the_page_with_its_secret_and_headers(
    browser: Client, stores: Stores, receiver: Endpoint
) -> None:
    stores.redis.documents[NAME] = {"endpoints": ["crm"]}
    stores.redis.documents["webhook_config:crm"] = {
        "webhook_url": receiver.url, "webhook_headers": {"x-one": encrypt("one")}
    }  # fmt: skip
    crm = "/admin/configstore/webhook/crm/change/"
    browser.post(crm, filled(browser.get(crm), _probe="endpoint"))
    (request,) = receiver.requests
    headers = dict(request.headers)
    assert headers["x-one"] == "one"
    Webhook(derived_secrets("crm")[0]).verify(request.body.decode(), headers)
