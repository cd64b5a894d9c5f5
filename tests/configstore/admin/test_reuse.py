"""Stored secrets are not sent elsewhere by way of a text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from configstore.documents import WebhookConfig
from configstore.secrets import encrypt
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import PAGES, Stores

pytestmark = pytest.mark.django_db
JSON = PAGES[WebhookConfig.NAME].replace("change/", "json/")
IMPORT = "/admin/configstore/revision/import/"
REFUSED = "it is stored for another place: enter it again"
MINE, THEIRS = "https://hook.a.example/x", "https://hook.b.example/x"


@pytest.fixture
def secret(stores: Stores) -> str:
    secret = encrypt("s3cret")
    stores.redis.documents["webhook_config"] = {
        "webhook_url": MINE,
        "webhook_headers": {"x-key": secret},
    }
    return secret


def edited(browser: Client, **fields: Any) -> str:
    return browser.post(JSON, filled(browser.get(JSON), text=json.dumps(fields))).content.decode()


def imported(browser: Client, **documents: Any) -> str:
    text = json.dumps(documents)
    return browser.post(IMPORT, {"text": text, "confirmed": ""}).content.decode()


def test_a_header_is_not_sent_to_another_address(
    browser: Client, stores: Stores, secret: str
) -> None:
    moved = {"webhook_url": THEIRS, "webhook_headers": {"x-other": secret}}
    assert f"webhook_headers: {REFUSED}" in edited(browser, **moved)
    assert f"webhook_headers: {REFUSED}" in imported(browser, webhook_config=moved)
    unchecked = {
        "webhook_url": MINE, "webhook_ssl_verify": False, "webhook_headers": {"x-key": secret}
    }  # fmt: skip
    assert REFUSED in edited(browser, **unchecked)
    assert stores["webhook_config"]["webhook_url"] == MINE
    assert stores["webhook_config"].get("webhook_ssl_verify", True)


def test_with_its_own_address_it_stays(browser: Client, stores: Stores, secret: str) -> None:
    kept = {"webhook_url": MINE, "webhook_headers": {"x-key": secret}}
    edited(browser, **kept, webhook_delivery_mode="form")
    assert stores["webhook_config"]["webhook_delivery_mode"] == "form"
    edited(browser, webhook_url=THEIRS, webhook_headers={"x-key": "new"})
    assert stores["webhook_config"]["webhook_url"] == THEIRS


def test_a_secret_of_another_document_or_field_is_refused(
    browser: Client, stores: Stores, secret: str
) -> None:
    password = encrypt("p4ss")
    stores.redis.documents["polling_config"] = {
        "imap_host": "imap.a.example",
        "imap_password": password,
    }
    assert REFUSED in edited(browser, webhook_url=MINE, webhook_headers={"x-key": password})
    further = {"webhook_url": THEIRS, "webhook_headers": {"x-key": secret}}
    assert REFUSED in imported(browser, **{"webhook_config:sales": further})
    assert stores["webhook_config:sales"] is None
