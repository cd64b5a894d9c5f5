"""The history of the settings, and the way back."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from configstore import editing
from configstore.backends.base import JSONObject
from configstore.documents import MagicLinkTokens, WebhookConfig
from configstore.models import Revision
from configstore.secrets import encrypt
from tests.configstore.admin.changes import HISTORY, IMPORT, NAME, save
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db


def test_it_says_who_changed_what_from_what_to_what(browser: Client, stores: Stores) -> None:
    save(stores, {"webhook_time_start": "08:00", "webhook_time_end": "18:00"})
    newest = save(stores, {"webhook_time_start": "09:00", "webhook_time_end": "18:00"})
    listed = browser.get(HISTORY).content.decode()
    assert "From: 08:00 → 09:00" in listed
    assert "Default endpoint" in listed
    page = browser.get(f"{HISTORY}{newest.pk}/change/").content.decode()
    assert "bob" in page
    assert "08:00" in page
    assert "09:00" in page


def test_secrets_are_told_as_changed(browser: Client, stores: Stores) -> None:
    first, second = encrypt("one"), encrypt("two")
    save(stores, {"imap_password": first}, "polling_config")
    newest = save(stores, {"imap_password": second}, "polling_config")
    page = browser.get(f"{HISTORY}{newest.pk}/change/").content.decode()
    assert "changed" in page
    assert first not in page
    assert second not in page


def test_whoever_logged_in_after_the_press_comes_to_the_change(
    browser: Client, stores: Stores
) -> None:
    chosen = save(stores, {"webhook_time_start": "08:00", "webhook_time_end": "18:00"})
    answer = browser.get(f"{HISTORY}{chosen.pk}/restore/")
    assert answer["Location"] == f"{HISTORY}{chosen.pk}/change/"
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(("which", "start"), [("before", "08:00"), ("after", "09:00")])
def test_any_version_can_be_restored(
    browser: Client, stores: Stores, which: str, start: str
) -> None:
    save(stores, {"webhook_time_start": "08:00", "webhook_time_end": "18:00"})
    chosen = save(stores, {"webhook_time_start": "09:00", "webhook_time_end": "18:00"})
    save(stores, {"webhook_sending_enabled": False})
    browser.post(f"{HISTORY}{chosen.pk}/restore/", {which: ""})
    assert stores[NAME] == {"webhook_time_start": start, "webhook_time_end": "18:00"}
    newest = Revision.objects.first()
    assert newest is not None
    stamp = f"{chosen.saved_at:%Y-%m-%d %H:%M:%S} UTC"
    done = {"before": f"undone: the change of {stamp}", "after": f"restored {stamp}"}
    assert (newest.author, newest.action) == ("ada", done[which])


ONE = {"imap_user": "a", "oauth_client_id": "c", "oauth_refresh_token": "one"}


@pytest.mark.parametrize(
    ("change", "which", "token"),
    [
        ({"imap_folder": "Other"}, "before", "renewed"),
        ({"imap_folder": "Other"}, "after", "renewed"),
        ({"oauth_refresh_token": "two"}, "before", "one"),
        ({"oauth_refresh_token": "two"}, "after", "two"),
        ({"imap_user": "b"}, "before", "one"),
    ],
)
def test_a_former_state_comes_back_without_the_token_that_was_renewed_since(
    browser: Client, stores: Stores, change: JSONObject, which: str, token: str
) -> None:
    save(stores, ONE, "polling_config")
    chosen = save(stores, ONE | change, "polling_config")
    stores.redis.documents["polling_config"] = ONE | change | {"oauth_refresh_token": "renewed"}
    browser.post(f"{HISTORY}{chosen.pk}/restore/", {which: ""})
    wanted = ONE if which == "before" else ONE | change
    assert stores["polling_config"] == wanted | {"oauth_refresh_token": token}


def test_the_absence_of_a_document_can_be_restored(browser: Client, stores: Stores) -> None:
    chosen = save(stores, {"webhook_sending_enabled": False})
    browser.post(f"{HISTORY}{chosen.pk}/restore/", {"before": ""})
    assert stores[NAME] is None
    assert stores.store.get(WebhookConfig).webhook_sending_enabled


def test_a_version_that_is_not_valid_any_more_is_not_restored(
    browser: Client, stores: Stores
) -> None:
    chosen = save(stores, {"webhook_sending_enabled": False})
    Revision.objects.update(before={"webhook_delivery_mode": "fax"})
    done = browser.post(f"{HISTORY}{chosen.pk}/restore/", {"before": ""}, follow=True)
    assert "webhook_delivery_mode" in done.content.decode()
    assert stores[NAME] == {"webhook_sending_enabled": False}


def test_revoked_links_are_not_brought_back(browser: Client, stores: Stores) -> None:
    version = stores.store.current(MagicLinkTokens).version
    for raw in ({"a": {"single_use": False}}, {}):
        editing.save(
            stores.store,
            MagicLinkTokens,
            MagicLinkTokens.NAME,
            raw,
            expected=version,
            author="ada",
            action="changed",
        )
        version = stores.store.current(MagicLinkTokens).version
    revoked = Revision.objects.first()
    assert revoked is not None
    assert "/restore/" not in browser.get(f"{HISTORY}{revoked.pk}/change/").content.decode()
    refused = browser.post(f"{HISTORY}{revoked.pk}/restore/", {"before": ""})
    assert refused.status_code == 403
    text = json.dumps({"magic_link_tokens": {"a": {"single_use": False}}, NAME: {}})
    browser.post(IMPORT, filled(browser.post(IMPORT, {"text": text})))
    assert stores["magic_link_tokens"] == {}


def test_restoring_needs_the_permission_of_the_document(stores: Stores) -> None:
    chosen = save(stores, {"webhook_sending_enabled": False})
    bob = staff_with("view_revision", "view_webhook", "change_processing")
    assert "Restore" not in bob.get(f"{HISTORY}{chosen.pk}/change/").content.decode()
    assert bob.post(f"{HISTORY}{chosen.pk}/restore/", {"before": ""}).status_code == 403


def test_a_document_that_may_not_be_seen_is_not_shown_in_the_history(stores: Stores) -> None:
    chosen = save(stores, {"webhook_sending_enabled": False})
    bob = staff_with("view_revision", "view_processing")
    assert "webhook_sending_enabled" not in bob.get(HISTORY).content.decode()
    assert bob.get(f"{HISTORY}{chosen.pk}/change/").status_code == 404


@pytest.mark.parametrize("lookup", ["startswith", "regex", "contains"])
def test_filters_of_the_list_do_not_tell_what_is_in_a_document(stores: Stores, lookup: str) -> None:
    save(stores, {"webhook_url": "https://a.example/s3cret"})
    bob = staff_with("view_revision", "view_webhook")
    answer = bob.get(HISTORY, {f"after__webhook_url__{lookup}": "https://a.example/s"})
    assert answer.status_code == 400


@pytest.mark.parametrize("address", [f"{HISTORY}abc/change/", f"{HISTORY}0/change/"])
def test_a_row_that_does_not_exist_has_no_page(
    browser: Client, stores: Stores, address: str
) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("confirmed", ["[]", "1", "null", "{", ""])
def test_a_form_that_somebody_made_up_saves_nothing(
    browser: Client, stores: Stores, confirmed: str
) -> None:
    text = json.dumps({NAME: {"webhook_sending_enabled": False}})
    assert browser.post(IMPORT, {"text": text, "confirmed": confirmed}).status_code == 200
    assert stores[NAME] is None
