"""Several mailboxes in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from configstore.models import Revision
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db
LIST = "/admin/configstore/mailbox/"
ADD = f"{LIST}add/"
SALES = f"{LIST}sales/change/"


def add(browser: Client, name: str) -> str:
    return browser.post(ADD, {"name": name}, follow=True).content.decode()


def test_a_mailbox_is_added_and_has_a_document_of_its_own(browser: Client, stores: Stores) -> None:
    assert "Mailbox sales" in add(browser, "sales")
    assert stores["polling_config"] == {"mailboxes": ["sales"]}
    browser.post(SALES, filled(browser.get(SALES), imap_host="imap.sales.example"))
    assert stores["polling_config:sales"] == {"imap_host": "imap.sales.example"}
    assert browser.get(LIST).content.decode().count("not set up") == 2
    page = browser.get(SALES)
    browser.post(SALES, filled(page, imap_user="sales@a.example", imap_password="p4ss"))
    text = browser.get(LIST).content.decode()
    assert "sales@a.example on imap.sales.example" in text
    assert text.count("not set up") == 1


def test_a_mailbox_is_removed_with_its_document(browser: Client, stores: Stores) -> None:
    add(browser, "sales")
    add(browser, "press")
    browser.post(SALES, filled(browser.get(SALES), imap_host="imap.sales.example"))
    asked = browser.get(f"{LIST}sales/delete/").content.decode()
    assert "Stop reading the mailbox" in asked
    assert "sales" in stores["polling_config"]["mailboxes"]
    browser.post(f"{LIST}sales/delete/")
    assert stores["polling_config"]["mailboxes"] == ["press"]
    assert stores["polling_config:sales"] is None
    assert browser.get(SALES).status_code == 404
    removal = Revision.objects.filter(document="polling_config:sales").first()
    assert removal is not None
    assert removal.before == {"imap_host": "imap.sales.example"}


def test_the_default_mailbox_stays(browser: Client, stores: Stores) -> None:
    assert browser.post(f"{LIST}default/delete/").status_code == 403


def test_the_environment_is_the_default_mailbox_alone(
    browser: Client, stores: Stores, settings: object
) -> None:
    settings.IMAP_SERVER = "imap.env.example"  # type: ignore[attr-defined]
    add(browser, "sales")
    assert "Set by IMAP_SERVER" not in browser.get(SALES).content.decode()
