"""What people type to find a mail, and what finds it."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client as Browser

from tests.webhooks.examples import enqueue, hand_over, link, message
from webhooks import preparation, search
from webhooks.messages import Link
from webhooks.models import Delivery, SearchKey
from webhooks.shared_files import links_with_files
from webhooks.worker_answers import Fetched

SHARED = "https://www.dropbox.com/scl/fi/AbC123/Lot%2012%20%C3%A9t%C3%A9.zip?rlkey=k9x&st=q&dl=0"
DIRECT = SHARED.replace("dl=0", "dl=1")


def take_in(*links: Link) -> None:
    made = [message("one", links=links), message("two", links=(link("fromsmash", 7),))]
    hand_over(*made)
    search.remember(made)


def found(text: str) -> list[str]:
    rows = Delivery.objects.filter(search.found(text))
    return sorted(rows.values_list("message_id", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        SHARED,
        DIRECT,
        SHARED.replace("&", "&amp;"),
        SHARED.replace("www.", ""),
        SHARED.partition("?")[0],
        SHARED.partition("://")[2],
        f"  {SHARED}#page=2 ",
        "https://DROPBOX.com/scl/fi/AbC123",
        "dropbox.com/scl/fi/abc123/",
        "AbC123",
        "fi/abc123/lot",
        "ete.zip",
        "été.ZIP",
        "rlkey=k9x",
    ],
)
def test_a_link_and_a_piece_of_it_find_their_mail(text: str) -> None:
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    assert found(text) == ["one"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["https://www.dropbox.com/scl/fi/other", "dropbox.com/scl/fi/AbC1234", "100%", "a_C123"]
)
def test_another_link_does_not(text: str) -> None:
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    assert found(text) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["lot", "LOT 12", "studio", "livraison@studio.example", "12 studio", "@studio.example"]
)
def test_words_of_subject_and_sender_find_it_in_any_order(text: str) -> None:
    take_in()
    assert found(text) == ["one", "two"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["https://?x", "https://www.", "https://#", "\u0301", "lot \u0301"]
)
def test_what_says_nothing_finds_nothing(text: str) -> None:
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    assert found(text) == []


@pytest.mark.django_db
def test_a_link_with_an_apostrophe_is_found_also_as_the_release_before_kept_it() -> None:
    enqueue("new", "old")
    typed = "https://files.example/l%E2%80%99%C3%A9t%C3%A9.zip"
    search.remember_files("new", [typed])
    SearchKey.objects.create(message_id="old", key="files.example/l’ete.zip")
    assert found(typed) == ["new", "old"]
    assert found("l'ete.zip") == ["new"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["oeuvre", "ŒUVRE"])
def test_letters_that_keyboards_do_not_have_are_found_by_those_they_have(text: str) -> None:
    search.remember([replace(message("new"), subject="Œuvre")])
    enqueue("new", "old")
    SearchKey.objects.create(message_id="old", key="œuvre")  # as the release before folded it
    assert found(text) == (["new", "old"] if "Œ" in text else ["new"])


@pytest.mark.django_db
def test_all_words_have_to_be_there() -> None:
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    assert found("lot abc123") == ["one"]
    assert found("lot nowhere") == []


@pytest.mark.django_db
def test_the_ids_find_it() -> None:
    take_in()
    row = Delivery.objects.get(message_id="two")
    assert found(row.webhook_id) == ["two"]
    assert found("two") == ["two"]
    assert found("msg_" + "0" * 32) == []


@pytest.mark.django_db
def test_where_the_files_went_finds_it(settings: LazySettings) -> None:
    settings.R2_BUCKET_NAME = "deliveries"
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    row = Delivery.objects.get(message_id="one")
    mine = preparation.Unprepared(
        delivery_id=row.pk, message_id="one", payload=row.payload, token=row.token or _claim(row)
    )
    ((_, source),) = links_with_files(json.loads(row.payload))
    stored = Fetched(source=source, r2_url="https://files.example.org/dropbox/ab/cd/Lot.zip")
    assert preparation.freeze(mine, {source.digest: stored})
    assert found("https://files.example.org/dropbox/ab/cd/Lot.zip") == ["one"]


def _claim(row: Delivery) -> uuid.UUID:
    token = uuid.uuid4()
    Delivery.objects.filter(pk=row.pk).update(token=token, offload=True)
    return token


@pytest.mark.django_db
def test_a_link_as_long_as_can_be_is_found() -> None:
    long = "https://www.dropbox.com/s/" + "é" * 3000
    take_in(Link(provider="dropbox", raw_url=long, direct_url=None))
    assert found(long) == ["one"]


@pytest.mark.django_db
def test_a_pasted_link_is_looked_up_in_an_index() -> None:
    rows = Delivery.objects.filter(search.found(SHARED)).values("pk")
    plan = rows.explain()
    if connection.vendor == "sqlite":
        assert "USING INDEX search_key (key>? AND key<?)" in plan
        assert "SCAN" not in plan


@pytest.mark.django_db
def test_the_search_box_takes_it(admin_user: User) -> None:
    take_in(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT))
    browser = Browser()
    browser.force_login(admin_user)
    page = browser.get("/admin/webhooks/delivery/", {"q": SHARED})
    assert [row.message_id for row in page.context["cl"].result_list] == ["one"]


@pytest.mark.django_db
def test_what_an_older_release_has_left_is_found_after_the_migration() -> None:
    enqueue("old", links=(Link(provider="dropbox", raw_url=SHARED, direct_url=DIRECT),))
    Delivery.objects.update(sender_email="")
    assert found(SHARED) == []
    migration = import_module("webhooks.migrations.0009_search_keys")
    for _ in range(2):  # it may have been broken off
        migration.fill(apps, SimpleNamespace(connection=connection))
    assert found(SHARED) == found("studio") == found("rlkey=k9x") == ["old"]
    assert Delivery.objects.get().sender_email == "livraison@studio.example"
    assert SearchKey.objects.filter(message_id="old").count() == 3
