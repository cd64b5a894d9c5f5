"""What a person may do about mails that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from redis import Redis

from configstore.declared import config_store
from polling.accounts import find_account
from polling.lock import FileLock
from polling.models import Mail, MailboxState, MailState
from polling.session import Session
from tests.polling.examples import mail
from tests.servers.mailbox import Mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(mailbox: Mailbox, settings: LazySettings, tmp_path: Path) -> MailboxState:
    """The default mailbox, as the poller left it."""
    for name, value in mailbox.environment().items():
        setattr(settings, name, value)
    settings.IMAP_PORT, settings.IMAP_USE_SSL = mailbox.port, False
    account = find_account(config_store(), "default")
    session = Session(account, 5)
    state = MailboxState.of(account)
    state.begin_epoch(session.uidvalidity)
    session.close()
    return state


def quarantined(state: MailboxState, uid: int) -> Mail:
    return Mail.objects.create(
        mailbox=state,
        uidvalidity=state.uidvalidity,
        uid=uid,
        state=MailState.QUARANTINED,
        fault="IMAP FETCH failed: nonsense",
        tries=3,
        seen_at=timezone.now(),
    )


def page(row: Mail) -> str:
    return f"/admin/polling/mail/{row.pk}/"


def test_it_says_what_is_quarantined_why_and_how_often_it_was_tried(
    browser: Client, state: MailboxState
) -> None:
    quarantined(state, 7)
    text = browser.get("/admin/polling/mail/?state__exact=quarantined").content.decode()
    assert "(mail 7)" in text
    assert "IMAP FETCH failed: nonsense" in text
    assert "field-tries" not in text  # they are of reading it, and would read as those of sending


def test_a_quarantined_mail_is_tried_again(browser: Client, state: MailboxState) -> None:
    row = quarantined(state, 7)
    assert "Try to read again" in browser.get(f"{page(row)}change/").content.decode()
    browser.post(f"{page(row)}change/")
    row.refresh_from_db()
    assert (row.state, row.tries) == (MailState.FAILED, 0)
    assert row.retry_at is not None
    assert row.retry_at <= timezone.now()


def test_many_are_tried_again_and_others_stay_as_they_are(
    browser: Client, state: MailboxState
) -> None:
    rows = [quarantined(state, uid) for uid in (1, 2, 3)]
    Mail.objects.filter(uid=3).update(state=MailState.SETTLED)
    answer = browser.post(
        "/admin/polling/mail/",
        {"action": "try_again", "_selected_action": [row.pk for row in rows]},
        follow=True,
    )
    assert "2 mails are read again" in answer.content.decode()
    assert Mail.objects.get(uid=3).state == MailState.SETTLED


def test_the_mail_is_downloaded_as_it_is_and_stays_unread(
    browser: Client, state: MailboxState, mailbox: Mailbox
) -> None:
    content = mail("Lot 12").as_bytes()
    uid = mailbox.append(content)
    answer = browser.get(f"{page(quarantined(state, uid))}raw/")
    assert answer["Content-Type"] == "message/rfc822"
    assert answer.content.replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    assert r"\Seen" not in mailbox.flags()[uid]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"uid": 99}, "does not show it"), ({"uidvalidity": 1}, "numbered its mails anew")],
)
def test_a_mail_that_is_not_there_any_more_is_told(
    browser: Client, state: MailboxState, fields: dict[str, int], sentence: str
) -> None:
    row = quarantined(state, 1)
    Mail.objects.update(**fields)
    answer = browser.get(f"{page(row)}raw/", follow=True)
    assert sentence in answer.content.decode()


def test_a_server_that_is_away_is_told(
    browser: Client, state: MailboxState, settings: LazySettings
) -> None:
    row = quarantined(state, 1)
    settings.EMAIL_PASSWORD = "wrong"
    assert "cannot be downloaded" in browser.get(f"{page(row)}raw/", follow=True).content.decode()


def test_who_may_only_look_may_do_neither(state: MailboxState) -> None:
    bob = User.objects.create_user("bob", is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename="view_mail"))
    client = Client()
    client.force_login(bob)
    row = quarantined(state, 1)
    assert "Download" not in client.get(f"{page(row)}change/").content.decode()
    assert client.get(f"{page(row)}raw/").status_code == 403
    assert client.post(f"{page(row)}change/").status_code == 403


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "nobody holds it: is runpoller running?"),
        ("pid=7 host=worker-1 since=2026-11-20T08:00:00Z token=abc", "process 7 on worker-1 since"),
        ("pid=7 since=2026-99-20T08:00:00Z", "process 7 on ?"),
        ("pid=12345", "process 12345 on ?"),
    ],
)
def test_who_holds_the_lock_since_when_is_shown(
    browser: Client, settings: LazySettings, redis_url: str, value: str, shown: str
) -> None:
    settings.REDIS_URL = redis_url
    state = MailboxState.objects.create(name="sales", identity="sales@a")
    with Redis.from_url(redis_url) as client:
        if value:
            client.set("render_signal:poller_lock:sales", value)
    for page in ("", f"{state.pk}/change/"):
        text = browser.get(f"/admin/polling/mailboxstate/{page}").content.decode()
        assert shown in text
        assert "abc" not in text


def test_the_holder_of_the_file_lock_is_shown_as_such(
    browser: Client, settings: LazySettings
) -> None:
    MailboxState.objects.create(name="sales", identity="sales@a")
    held = FileLock(settings.BG_POLLER_LOCK_FILE, "sales")
    assert held.acquire()
    text = browser.get("/admin/polling/mailboxstate/").content.decode()
    held.release()
    assert "(file lock)" in text


def test_a_catch_up_shows_how_far_it_has_got(browser: Client, state: MailboxState) -> None:
    state.note_progress(12_000, 200_000, timezone.now())
    shown = browser.get("/admin/polling/mailboxstate/").content.decode()
    assert "catching up: 12000 of 200000" in shown
    browser.cookies["django_language"] = "fr"
    shown = browser.get("/admin/polling/mailboxstate/").content.decode()
    assert "rattrapage\N{NO-BREAK SPACE}: 12000 sur 200000" in shown
