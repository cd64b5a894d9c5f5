"""Export and import of the settings."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.test import Client

from configstore.secrets import decrypt, encrypt
from tests.configstore.admin.changes import EXPORT, HISTORY, IMPORT, NAME, save
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db


def test_who_may_change_nothing_is_offered_no_exchange(browser: Client) -> None:
    for page, offered in ((browser, True), (staff_with("view_revision", "view_webhook"), False)):
        text = page.get(HISTORY).content.decode()
        assert (EXPORT in text, IMPORT in text) == (offered, offered)


def test_importing_a_new_mailbox_needs_the_permission_to_add_one(stores: Stores) -> None:
    text = json.dumps({"polling_config:sales": {}})
    assert staff_with("change_mailbox").post(IMPORT, {"text": text}).status_code == 403


def test_one_document_is_exported(browser: Client, stores: Stores) -> None:
    save(stores, {"webhook_sending_enabled": False})
    response = browser.get(EXPORT, {"document": NAME})
    assert json.loads(response.content) == {NAME: {"webhook_sending_enabled": False}}
    assert response["Content-Disposition"].startswith('attachment; filename="webhook_config-')


def test_all_documents_are_exported_that_a_person_may_change(stores: Stores) -> None:
    save(stores, {"webhook_sending_enabled": False})
    save(stores, {"imap_folder": "Projects"}, "polling_config")
    bob = staff_with("change_webhook", "view_mailbox", "view_revision")
    assert json.loads(bob.get(EXPORT).content) == {NAME: {"webhook_sending_enabled": False}}
    assert bob.get(EXPORT, {"document": "polling_config"}).status_code == 403


def test_a_mailbox_that_is_imported_is_listed(browser: Client, stores: Stores) -> None:
    save(stores, {"mailboxes": ["press"]}, "polling_config")
    text = json.dumps({"polling_config:sales": {"imap_host": "imap.sales.example"}})
    browser.post(IMPORT, filled(browser.post(IMPORT, {"text": text})))
    assert stores["polling_config"] == {"mailboxes": ["press", "sales"]}
    assert stores["polling_config:sales"] == {"imap_host": "imap.sales.example"}


def test_an_endpoint_that_is_imported_is_listed(browser: Client, stores: Stores) -> None:
    text = json.dumps({"webhook_config:crm": {"webhook_url": "https://crm.example/x"}})
    browser.post(IMPORT, filled(browser.post(IMPORT, {"text": text})))
    assert stores["webhook_config"] == {"endpoints": ["crm"]}
    assert stores["webhook_config:crm"] == {"webhook_url": "https://crm.example/x"}
    new = json.dumps({"webhook_config:new": {}})
    assert staff_with("change_webhook").post(IMPORT, {"text": new}).status_code == 403


def test_secrets_are_encrypted_by_an_import_and_the_same_ones_are_no_change(
    browser: Client, stores: Stores
) -> None:
    text = json.dumps({NAME: {"webhook_headers": {"x-key": "s3cret"}}})
    preview = browser.post(IMPORT, {"text": text})
    assert "x-key: …" in preview.content.decode()
    browser.post(IMPORT, filled(preview))
    stored = stores[NAME]["webhook_headers"]["x-key"]
    assert decrypt(stored) == "s3cret"
    assert "Nothing." in browser.post(IMPORT, {"text": text}).content.decode()
    history = browser.get(HISTORY).content.decode()
    assert "Secret headers" in history
    assert stored not in history


def test_an_import_is_shown_first_and_then_saved(browser: Client, stores: Stores) -> None:
    save(stores, {"webhook_sending_enabled": False})
    file = BytesIO(json.dumps({NAME: {"webhook_sending_enabled": True}}).encode())
    file.name = "configuration.json"
    preview = browser.post(IMPORT, {"file": file, "text": ""})
    assert "webhook_sending_enabled" in preview.content.decode()
    assert stores[NAME] == {"webhook_sending_enabled": False}
    browser.post(IMPORT, filled(preview))
    assert stores[NAME] == {"webhook_sending_enabled": True}


def test_what_was_exported_is_imported_elsewhere(browser: Client, stores: Stores) -> None:
    raw = {"imap_password": encrypt("one"), "unknown": {"a": [1]}}
    save(stores, raw, "polling_config")
    content = browser.get(EXPORT).content.decode()
    save(stores, {}, "polling_config")
    browser.post(IMPORT, filled(browser.post(IMPORT, {"text": content})))
    assert stores["polling_config"] == raw


def test_an_import_that_somebody_overtook_is_refused(browser: Client, stores: Stores) -> None:
    preview = browser.post(IMPORT, {"text": json.dumps({NAME: {"webhook_sending_enabled": True}})})
    save(stores, {"webhook_sending_enabled": False})
    done = browser.post(IMPORT, filled(preview), follow=True)
    assert "not imported" in done.content.decode()
    assert stores[NAME] == {"webhook_sending_enabled": False}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"webhook_config": ', "line 1, column 20"),
        ('{"webhook_config": {"webhook_delivery_mode": "fax"}}', "webhook_delivery_mode"),
        ('{"nonsense": {}}', "nonsense"),
        (" ", "Choose a file, or paste its text."),
    ],
)
def test_a_faulty_import_is_refused_whole(
    browser: Client, stores: Stores, text: str, fault: str
) -> None:
    refused = browser.post(IMPORT, {"text": text})
    assert fault in refused.content.decode()
    assert stores.redis.documents == {}


def test_importing_needs_the_permission_of_each_document(stores: Stores) -> None:
    bob = staff_with("change_processing")
    assert bob.post(IMPORT, {"text": '{"webhook_config": {}}'}).status_code == 403
