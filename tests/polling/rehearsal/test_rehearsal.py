"""Trying a mail with the routing rules: what is told, and that nothing of it is done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from configstore import declared
from configstore.backends.base import JSONObject
from polling.accounts import find_account
from polling.models import Mail, MailboxState, MailState
from polling.rehearsal.rehearse import LARGEST
from polling.session import Session
from tests.configstore.admin.html_form import filled
from tests.polling.documents import Memory
from tests.polling.examples import mail
from tests.polling.rehearsal.conftest import SECRET
from tests.servers.mailbox import Mailbox

pytestmark = pytest.mark.django_db
PAGE = "/admin/polling/mail/try/"
RULES = "/admin/configstore/routing/routing_rules/change/"
WRITTEN = {
    "source": "written",
    "sender": "Zoé <zoe@studio.example>",
    "subject": "Recadrage lot 12",
    "text": "Bonjour,\nà faire pour 14h30",
}


def tried(client: Client, **fields: Any) -> Any:
    return client.post(PAGE, {**WRITTEN, **fields})


def told(response: Any) -> dict[str, tuple[bool, bool, list[bool]] | None]:
    """Of each rule: reached, met, and its conditions."""
    return {
        rule.name: trial and (trial.reached, trial.met, [each.met for each in trial.verdicts])
        for rule, trial in response.context["tried"].outcome.trials
    }


def payloads(response: Any) -> dict[str, Any]:
    previews = response.context["tried"].outcome.previews
    return {preview.endpoint: json.loads(preview.payload) for preview in previews}


def test_it_says_of_each_rule_what_it_says(browser: Client) -> None:
    answer = tried(browser, text="à faire pour 14h30\n" + "a" * 5000 + "!")
    assert told(answer) == {
        "recadrage": (True, True, [True, True]),
        "refused": (True, False, [True, False]),
        "slow": (True, False, [False]),
        "off": None,
        "gone": (True, True, [True]),
        "never": (False, False, []),
    }
    page = answer.content.decode()
    for words in ("too slow", "switched off", "not reached", "<code>14h30</code>"):
        assert words in page


def test_it_shows_what_would_be_sent_where(browser: Client) -> None:
    answer = tried(browser)
    sent = payloads(answer)
    assert list(sent) == ["editing", "gone"]
    assert sent["editing"]["detector"] == "recadrage"
    assert sent["editing"]["delivery_time"] == "14h30"
    assert sent["editing"]["sender_email"] == "zoe@studio.example"
    assert sent["editing"]["event_id"] != sent["gone"]["event_id"]
    page = answer.content.decode()
    assert "No endpoint “gone” is described" in page
    assert "edit.example" in page


def test_the_headers_are_named_and_masked(browser: Client) -> None:
    page = tried(browser).content.decode()
    assert "x-make-apikey" in page
    assert "webhook-signature" in page
    assert SECRET not in page


@pytest.mark.parametrize(
    ("document", "value", "fields", "reason"),
    [
        ("processing_prefs", {}, {}, "it has no delivery link"),
        ("processing_prefs", {"exclude_keywords": ["lot"]}, {}, "it contains an excluded word"),
        ("polling_config", {}, {"subject": "Re: Lot 12"}, "it is a reply or a forward"),
        (
            "polling_config",
            {"sender_of_interest_for_polling": ["example.org"]},
            {},
            "its sender is not on the list",
        ),
    ],
)
def test_a_mail_that_would_be_ignored_is_told_why(
    browser: Client, documents: Memory, document: str, value: JSONObject, fields: Any, reason: str
) -> None:
    before = documents.documents.copy()
    documents.documents[document] = value
    page = tried(browser, **fields).content.decode()
    documents.documents = before
    assert "would be ignored" in page
    assert reason in page


def test_a_mail_whose_subject_group_was_relayed_is_told(browser: Client, documents: Memory) -> None:
    before = documents.documents.copy()
    documents.documents["polling_config"] = {"enable_subject_group_dedup": True}
    box = MailboxState.objects.create(name="default", identity="a")
    Mail.objects.create(
        mailbox=box, uidvalidity=1, uid=1, state=MailState.SETTLED, subject_group="lot 12",
        seen_at=timezone.now(),
    )  # fmt: skip
    page = tried(browser).content.decode()
    documents.documents = before
    assert "another mail of its subject group was relayed" in page
    assert Mail.objects.count() == 1


def test_a_whole_mail_is_read_pasted_and_as_a_file(browser: Client) -> None:
    content = mail("Recadrage lot 12", text="à faire pour 9h", attachment=b"x").as_bytes()
    pasted = tried(browser, source="pasted", pasted="\n" + content.decode())
    file = SimpleUploadedFile("a.eml", content)
    uploaded = tried(browser, source="file", file=file)
    for answer in (pasted, uploaded):
        assert payloads(answer)["editing"]["delivery_time"] == "9h"
        assert answer.context["tried"].attachments == ("livraison.zip",)


@pytest.mark.parametrize("source", ["pasted", "file"])
def test_without_a_mail_it_asks_for_one(browser: Client, source: str) -> None:
    assert "Give a mail to try." in tried(browser, source=source).content.decode()


def test_a_file_that_is_too_large_is_refused(browser: Client) -> None:
    file = SimpleUploadedFile("a.eml", b"x" * (LARGEST + 1))
    assert "larger than 5 MB" in tried(browser, source="file", file=file).content.decode()


def test_rules_that_are_not_saved_can_be_tried(browser: Client) -> None:
    changes = {"rules-0-fields": "detector = other", "_extra": ""}
    page = browser.post(RULES, filled(browser.get(RULES)) | changes)
    assert "They are not saved yet" in page.content.decode()
    answer = browser.post(PAGE, filled(page) | WRITTEN)
    assert payloads(answer)["editing"]["detector"] == "other"


def test_rules_that_are_saved_are_not_said_to_be_unsaved(
    browser: Client, documents: Memory
) -> None:
    page = browser.post(RULES, filled(browser.get(RULES)) | {"_extra": ""})
    assert "not saved yet" not in page.content.decode()
    changes = {"rules-0-fields": "detector = other"}
    page = browser.post(RULES, filled(browser.get(RULES)) | changes | {"_extra": ""})
    before = dict(documents.documents)
    browser.post(RULES, filled(browser.get(RULES)) | changes)
    assert "not saved yet" not in browser.post(PAGE, filled(page) | WRITTEN).content.decode()
    documents.documents = before


def test_faulty_rules_are_told_where_they_are_edited(browser: Client) -> None:
    changes = {"rules-0-fields": "nonsense", "_extra": ""}
    page = browser.post(RULES, filled(browser.get(RULES)) | changes).content.decode()
    assert "“nonsense”: write a name" in page


def test_a_received_mail_is_fetched_again_and_stays_unread(
    browser: Client, mailbox: Mailbox, settings: LazySettings
) -> None:
    for name, value in mailbox.environment().items():
        setattr(settings, name, value)
    settings.IMAP_PORT, settings.IMAP_USE_SSL = mailbox.port, False
    uid = mailbox.append(mail("Recadrage lot 12", text="à faire pour 9h").as_bytes())
    account = find_account(declared.config_store(), "default")
    session = Session(account, 5)
    state = MailboxState.of(account)
    state.begin_epoch(session.uidvalidity)
    session.close()
    row = Mail.objects.create(
        mailbox=state, uidvalidity=state.uidvalidity, uid=uid, state=MailState.IGNORED,
        subject="Recadrage lot 12", seen_at=timezone.now(),
    )  # fmt: skip
    page = browser.get(f"{PAGE}?mail={row.pk}")
    answer = browser.post(PAGE, filled(page))
    assert payloads(answer)["editing"]["delivery_time"] == "9h"
    assert r"\Seen" not in mailbox.flags()[uid]
    Mail.objects.update(uid=99)
    gone = tried(browser, source="received", mail=row.pk).content.decode()
    assert "does not show it" in gone


def test_received_mails_are_for_those_who_may_read_them(documents: Memory) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename="view_routing"))
    client = Client()
    client.force_login(bob)
    box = MailboxState.objects.create(name="default", identity="a")
    row = Mail.objects.create(
        mailbox=box, uidvalidity=1, uid=1, state=MailState.SETTLED, subject="Private",
        seen_at=timezone.now(),
    )  # fmt: skip
    assert "Private" not in client.get(f"{PAGE}?mail={row.pk}").content.decode()
    assert "valid choice" in tried(client, source="received", mail=row.pk).content.decode()
    assert payloads(tried(client))["editing"]["detector"] == "recadrage"
    assert tried(client, rules='{"rules": []}').status_code == 403
