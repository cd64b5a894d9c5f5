"""Transfers in the admin: to be read, without the keys of the links."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from tests.webhooks.examples import NOW, enqueue, link, message
from webhooks import search, transfers
from webhooks.models import Delivery, Transfer
from webhooks.shared_files import Source
from webhooks.worker_answers import Fetched

pytestmark = pytest.mark.django_db
PAGE = "/admin/webhooks/transfer/"
FOLDER = Source(provider="dropbox", url="https://www.dropbox.com/scl/fo/a/b?rlkey=s3cret&dl=1")
SMASH = Source(provider="fromsmash", url="https://fromsmash.com/abc")


@pytest.fixture
def browser() -> Browser:
    """Who may do everything."""
    stored = Fetched(source=FOLDER, r2_url="https://files.example.org/a", original_filename="a.zip")
    transfers.remember([stored, Fetched(source=SMASH, error="HTTP 507: bucket is full")], NOW)
    transfers.note_reuse([FOLDER.digest])
    browser = Browser()
    browser.force_login(User.objects.create_superuser("anna"))
    return browser


def test_they_are_listed_with_where_the_files_are_or_why_not(browser: Browser) -> None:
    page = browser.get(PAGE).content.decode()
    for told in (
        "https://www.dropbox.com/scl/fo/a/b?…",
        "https://files.example.org/a",
        "https://fromsmash.com/abc",
        "HTTP 507: bucket is full",
    ):
        assert told in page
    assert re.search(r'<td [^>]*class="field-reused">1</td>', page)
    assert "s3cret" not in page


@pytest.mark.parametrize("words", ["scl/fo/a", "files.example.org", "a.zip"])
def test_they_are_found_by_link_place_and_name(browser: Browser, words: str) -> None:
    page = browser.get(PAGE, {"q": words}).content.decode()
    assert "dropbox.com" in page
    assert "fromsmash.com" not in page


def test_one_is_shown_and_cannot_be_changed(browser: Browser) -> None:
    row = Transfer.objects.get(digest=FOLDER.digest)
    page = browser.get(f"{PAGE}{row.pk}/change/").content.decode()
    assert FOLDER.object_key in page
    assert "s3cret" not in page
    assert row.digest not in page
    assert browser.post(f"{PAGE}{row.pk}/change/", {"r2_url": "x"}).status_code == 403
    assert browser.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get(f"{PAGE}add/").status_code == 403


def test_it_leads_to_the_deliveries_whose_mail_has_the_link(browser: Browser) -> None:
    near = link(number=12)  # its address begins with that of the other
    for name, each in (("mine", link(number=1)), ("other", near)):
        enqueue(name, links=(each,))
        search.remember([message(name, links=(each,))])
    wanted = Source(provider="dropbox", url="https://www.dropbox.com/s/1?dl=1")
    transfers.remember([Fetched(source=wanted, error="HTTP 507: bucket is full")], NOW)
    row = Transfer.objects.get(digest=wanted.digest)
    page = browser.get(f"{PAGE}{row.pk}/change/").content.decode()
    mine, other = (Delivery.objects.get(message_id=name).pk for name in ("mine", "other"))
    assert f"/admin/webhooks/delivery/{mine}/change/" in page
    assert f"/admin/webhooks/delivery/{other}/change/" not in page


def test_it_says_until_when_it_is_used_again(browser: Browser) -> None:
    row = Transfer.objects.get(digest=FOLDER.digest)
    page = browser.get(f"{PAGE}{row.pk}/change/").content.decode()
    assert "For 12 hours, until Nov. 20, 2026, " in page
