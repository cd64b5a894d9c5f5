"""Every page as a French browser and as an English one gets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest
from django.contrib.auth.models import User
from django.test import Client

from configstore.forms.mailbox import time_zones
from configstore.models import Revision
from configstore.secrets import encrypt
from configstore.signing_secrets import make_secret
from polling.errors import Kind
from polling.models import Mail, MailboxState, MailState
from polling.selection import Reason
from render_signal.assistant.presets import PROVIDERS
from tests import messages
from tests.configstore.admin.stores import Stores
from tests.configstore.admin.walk import WALK, WEBHOOK, Ask
from tests.page_text import texts
from tests.webhooks.examples import NOW, enqueue
from webhooks.alerts.models import Alert, Notice
from webhooks.alerts.trouble import Channel
from webhooks.alerts.trouble import Kind as AlertKind
from webhooks.models import SETTLED, Attempt, Delivery, EndpointState, Outcome, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journals")]
ACTIONS = ("changed", "changed as JSON", "imported", "migrated", "added mailbox x",
           "removed mailbox x", "restored 2026-11-20 09:00:00 UTC", "all magic links revoked",
           "added endpoint x", "removed endpoint x", "magic link x created",
           "magic link x revoked", "magic link x used")  # fmt: skip
# What is the same in both languages: data, proper names, and words that are.
DATA = re.compile(
    r"(?:[\w.-]+@[\w.-]+|https?://\S*|[a-z_0-9]+(?:[._:-][a-z_0-9]+)+:?|(?:› )?\d+ Lot 12|HTTP \d+"
    r"|\S*python manage\.py .*|<\?php.*|--user \S*"
    r"|[A-Z][\w+-]*(?:/[\w +-]+)+|[0-9a-f]{16,}|W/SU|\d+/\d+|[A-Z_]{6,}|[^A-Za-zÀ-ÿ]*)"
)
SAME = {
    "test",
    "a", "ada", "bob", "sales", "default", "x", "render_signal", "Redis", "Lot 12", "Lot", "ABC",
    "file", "Mail", "Mails", "mail", "mails", "Total", "…",
    "Journal", "json", "form", "Français", "English", "Actions", "Action", "Navigation",
    "Date", "JSON", "TLS", "STARTTLS", "LOGIN", "AUTHENTICATE PLAIN", "UID", "UIDVALIDITY", "Port",
    "Document", "document", "Absence", "Webhook", "permanent", "webhook_config", "UTC", "GMT",
    "Sender <a@b>", "OAuth2", "Google", "Microsoft 365",
    "Test", "×", "detector", "recadrage", "(?P<x>a*)", "Content-Type", "X-Source",
    "application/json", "crm", "Secret", "key:", "host:", "Make.com", "n8n", "PHP",
    *(each.label for each in PROVIDERS if isinstance(each.label, str)),
}  # fmt: skip
# Not for translation in Django itself, and reasons that the relay wrote into a row.
ENGLISH = {
    "Search",
    "False",
    "monday",
    "cancelled by ada",
    "Fails.",
}
ZONES = {label for _, label in time_zones()}
LONG = 15


@pytest.fixture
def journals(browser: Client, stores: Stores) -> None:
    """A row of every kind, in every state."""
    describe(stores)
    write_deliveries()
    write_mails()
    for action in ACTIONS:
        Revision.objects.create(
            document="webhook_config", saved_at=NOW, author="ada", action=action,
            before=None, after={"webhook_ssl_verify": False}, stores="file", missed="Redis",
        )  # fmt: skip


def describe(stores: Stores) -> None:
    stores.redis.documents["polling_config"] = {
        "mailboxes": ["sales"],
        "vacation_start": "2026-12-24",
        "sender_of_interest_for_polling": [f"{name}@example.com" for name in "abcdef"],
    }
    stores.redis.documents["webhook_config"] = {
        "webhook_url": "https://a.example/x",
        "webhook_ssl_verify": False,
        "absence_pause_enabled": True,
        "absence_pause_days": ["monday"],
        "foreign_field": "x",
        "endpoints": ["sales", "crm"],
    }
    stores.redis.documents["webhook_config:sales"] = {
        "webhook_url": "https://a.example/x",
        "webhook_signing_secrets": [encrypt(make_secret()) for _ in range(5)],
        "webhook_headers": {"x-key": encrypt("one")},
    }
    stores.redis.documents["routing_rules"] = {
        "rules": [
            {
                "name": "sales",
                "conditions": [{"field": "subject", "test": "regex", "value": "(?P<x>a*)"}],
                "endpoint": "nowhere_to_go",
                "fields": {"a": "x"},
            },
            {"name": "default", "enabled": False, "stop": False},
        ]
    }


def write_deliveries() -> None:
    enqueue(*(f"mail_{state}" for state in State))
    for row, state in zip(Delivery.objects.all(), State, strict=True):
        row.state = state
        row.settled_at = NOW if state in SETTLED else None
        row.save()
    delivery = Delivery.objects.latest("pk")
    for number, outcome in enumerate(Outcome, 1):
        Attempt.objects.create(
            delivery=delivery, number=number, token=delivery.message_id and "0" * 32,
            started_at=NOW, outcome=outcome,
        )  # fmt: skip
    EndpointState.objects.create(endpoint="default", fingerprint="0" * 16)
    for alert_kind in AlertKind:
        alert = Alert.objects.create(kind=alert_kind, endpoint="default", since=NOW)
    for channel in Channel:
        Notice.objects.create(
            alert=alert, kind="failing", channel=channel, webhook_id="0" * 32, sentence="Fails.",
            count=4, created_at=NOW, due_at=NOW, told_at=NOW, error="HTTP 503",
        )  # fmt: skip


def write_mails() -> None:
    for kind in Kind:
        box = MailboxState.objects.create(
            name="sales", identity=f"{kind.value}@example.com", trouble_kind=kind.value
        )
    made = {"mailbox": box, "uidvalidity": 1, "seen_at": NOW, "subject": "Lot 12"}
    for uid, reason in enumerate(Reason):
        Mail.objects.create(uid=uid, state=MailState.IGNORED, reason=reason, **made)
    for uid, mail_state in enumerate(MailState, 50):
        Mail.objects.create(uid=uid, state=mail_state, **made)
    for uid, state in enumerate(State, 70):
        Mail.objects.create(uid=uid, state=MailState.RELAYED, message_id=f"mail_{state}", **made)


@cache
def english() -> list[str]:
    """Messages whose French is another text, in pieces without values."""
    return [
        piece.strip(" .,:;()")
        for message in messages.written()
        if message.id and message.id != message.string
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        for piece in re.split(r"%(?:\(\w+\))?[sd]", text)
    ]


@pytest.fixture
def speak(ada: User, stores: Stores) -> Callable[[str], Client]:
    def client(language: str) -> Client:
        browser = Client(headers={"Accept-Language": language})
        browser.force_login(ada)
        return browser

    return client


def is_same(text: str) -> bool:
    if text in ZONES or text.startswith("{"):
        return True
    words = re.split(r"[\s,→|·?!()–-]+", text)
    return text in SAME | ENGLISH or bool(DATA.fullmatch(text)) or all(
        word in SAME or DATA.fullmatch(word) for word in words
    )  # fmt: skip


@pytest.mark.parametrize("page", WALK.values(), ids=WALK.keys())
def test_a_page_is_all_french(speak: Callable[[str], Client], page: Ask, no_tries: None) -> None:
    response = page(speak("fr"))
    said = texts(response.content.decode())
    assert 'lang="fr"' in response.content.decode()
    whole = (
        {text.lower() for text in english()} - {text.lower() for text in SAME | ENGLISH} - {"", "→"}
    )
    long = [text for text in english() if len(text) >= LONG]
    assert [text for text in said if text.lower().strip(" .:") in whole] == []
    assert [(text, piece) for text in said for piece in long if piece in text] == []


@pytest.mark.parametrize("page", WALK.values(), ids=WALK.keys())
def test_what_is_said_in_both_languages_is_data(
    speak: Callable[[str], Client], page: Ask, no_tries: None
) -> None:
    """A string that nobody marked is English in both."""
    in_french = texts(page(speak("fr")).content.decode())
    in_english = set(texts(page(speak("en")).content.decode()))
    assert [text for text in in_french if text in in_english and not is_same(text)] == []


def test_english_stays_english(speak: Callable[[str], Client]) -> None:
    page = speak("en").get(WEBHOOK).content.decode()
    assert 'lang="en"' in page
    assert "Check the receiver" in page
    assert "destinataire" not in page


def test_permissions_are_told_in_the_language_of_the_reader(admin_client: Client) -> None:
    for page in ("/admin/auth/group/add/", f"/admin/auth/user/{User.objects.get().pk}/change/"):
        found = admin_client.get(page, headers={"accept-language": "fr"}).content.decode()
        assert "Envois | envoi\u00a0: modifier" in found
        assert "| Can " not in found
