"""Operators see all but secrets, and change nothing, whatever they send wherever."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core import serializers
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from configstore.secrets import encrypt
from configstore.signing_secrets import make_secret
from tests import journal
from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.stores import Stores
from tests.pages import DOWNLOADS, NOT_LOOKED_AT, Address, addresses
from tests.rows import one_of_each
from webhooks.alerts.models import Alert
from webhooks.models import Delivery, EndpointState, State

LINK = re.compile(r'href="(/admin/[^"#]*)')
NUMBER = re.compile(r"[0-9a-f]{40}|\d+")
pytestmark = pytest.mark.django_db
SECRETS = ("hunter2-of-the-mailbox", "T0KEN-IN-THE-URL", "value-of-a-header")
# What an operator cannot get, beside the users and groups: what only those need who change things.
CHANGES_ONLY = {
    "admin:configstore_export", "admin:configstore_import", "admin:configstore_restore",
    "admin:configstore_magiclink_revoke", "admin:polling_mail_raw",
    "admin:webhooks_delivery_resend",
    "assistant", "assistant_mailbox", "assistant_endpoint", "assistant_senders",
    "assistant_trial", "assistant_progress", "assistant_finish",
}  # fmt: skip
NO_CHANGE_OF_OURS = {"auth.user", "sessions.session", "contenttypes.contenttype"}
# Whatever any form or button of the admin sends, in one go.
BUTTONS = {
    "_save": "1", "_continue": "1", "_probe": "webhook", "_extra": "1", "post": "yes",
    "send_again": "1", "cancel": "1", "before": "1", "after": "1", "link": "abc", "owner": "bob",
    "kind": "permanent", "name": "fresh", "endpoint": "default", "since": "2020-01-01",
    "text": '{"webhook_config": {"webhook_sending_enabled": false}}', "confirmed": "{}",
    "webhook_url": "https://elsewhere.example/x", "username": "eve", "is_superuser": "on",
    "password1": "another horse", "password2": "another horse", "index": "0", "select_across": "1",
}  # fmt: skip
ACTIONS = ("send_again", "cancel", "resume", "try_again", "delete_selected")


@pytest.fixture
def bob(stores: Stores) -> Client:
    """An operator of a relay that has something to hide."""
    call_command("migrate", verbosity=0)
    user = User.objects.create_user("bob", password="x", is_staff=True)
    user.groups.set(Group.objects.filter(name="Operators"))
    stores.redis.documents["polling_config"] = {"imap_password": encrypt(SECRETS[0])}
    stores.redis.documents["webhook_config"] = {
        "webhook_url": f"https://hook.example/{SECRETS[1]}",
        "webhook_headers": {"x-key": encrypt(SECRETS[2])},
        "webhook_signing_secrets": [encrypt(make_secret())],
    }
    now = timezone.now()
    journal.fill(journal.mailbox(), 100, now - timedelta(hours=1))
    one_of_each(now)
    client = Client()
    client.force_login(user)
    return client


def everything(stores: Stores) -> str:
    """All rows of all tables, and all documents."""
    rows = [
        row
        for model in apps.get_models()
        if model._meta.managed and model._meta.label_lower not in NO_CHANGE_OF_OURS
        for row in model._default_manager.order_by("pk")
    ]
    users = User.objects.order_by("pk").values_list("username", "password", "is_superuser")
    documents = json.dumps(stores.redis.documents, sort_keys=True)
    return f"{serializers.serialize('json', rows)}\n{list(users)}\n{documents}"


def ours() -> list[Address]:
    return [each for each in addresses() if not each.path.startswith("/admin/auth/")]


def test_the_group_is_made_by_migrate_and_what_a_person_adds_to_it_stays(bob: Client) -> None:
    group = Group.objects.get(name="Operators")
    given = {*group.permissions.values_list("codename", flat=True)}
    assert {each for each in given if not each.startswith("view_")} == set()
    assert {"view_delivery", "view_mail", "view_webhook", "view_revision"} <= given
    assert "view_user" not in given
    group.permissions.add(Permission.objects.get(codename="change_delivery"))
    call_command("migrate", verbosity=0)
    assert group.permissions.filter(codename="change_delivery").exists()


def test_an_operator_sees_every_page_but_what_is_for_changes(bob: Client) -> None:
    refused = {
        each.name
        for each in ours()
        if each.name not in NOT_LOOKED_AT
        and bob.get(each.path, follow=True).status_code not in (200, 404, 405)
    }
    makes_or_removes = {name for name in refused if name.endswith(("_add", "_delete", "_json"))}
    sends = {name for name in refused if name.endswith("_stores")}
    assert refused - makes_or_removes - sends <= CHANGES_ONLY


def test_no_link_that_an_operator_sees_leads_to_a_refusal(bob: Client) -> None:
    EndpointState.objects.create(endpoint="removed", fingerprint="x", paused="HTTP 410")
    Alert.objects.create(kind="failing", endpoint="removed", since=timezone.now())
    waits = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=waits.pk).update(
        endpoint="removed", state=State.QUEUED, settled_at=None
    )
    pages = [each.path for each in ours() if each.name not in NOT_LOOKED_AT | DOWNLOADS]
    pages.append(f"/admin/webhooks/delivery/{waits.pk}/change/")
    pages.append(f"/admin/polling/mail/of/{waits.message_id}/")
    links: dict[str, tuple[str, str]] = {}
    for page in pages:
        text = bob.get(page, follow=True).content.decode(errors="replace")
        for link in LINK.findall(text):
            links.setdefault(NUMBER.sub("1", link), (unescape(link), page))
    assert len(links) > 50
    led = {link: (bob.get(link, follow=True).status_code, page) for link, page in links.values()}
    assert {link: end for link, end in led.items() if end[0] not in (200, 405)} == {}


def test_no_page_shows_an_operator_a_secret(bob: Client) -> None:
    for each in ours():
        page = bob.get(each.path, follow=True).content.decode(errors="replace")
        assert [secret for secret in SECRETS if secret in page] == [], each.path


def test_nothing_that_an_operator_sends_changes_anything(bob: Client, stores: Stores) -> None:
    before = everything(stores)
    sent = [each for each in addresses() if each.name not in DOWNLOADS]
    for each in sent:
        if "password_change" in each.name or not each.path.startswith("/admin/"):
            continue  # their own password they may change
        rows = {"_selected_action": [str(number) for number in range(1, 101)]}
        for fields in (BUTTONS, *({"action": action, **rows} for action in ACTIONS)):
            bob.post(each.path, fields)
        assert everything(stores) == before, each.path


def test_the_same_letters_of_one_who_may_do_change_things(bob: Client, stores: Stores) -> None:
    """The letters of the test above are worth something."""
    User.objects.filter(username="bob").update(is_superuser=True)
    before = everything(stores)
    dead = {"endpoint": "default", "since": "2020-01-01"}
    bob.post("/admin/webhooks/delivery/send-again/", BUTTONS | dead)
    assert everything(stores) != before
