"""What of the first page is shown to whom."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client as Browser
from django.utils import timezone

from tests.render_signal.first_page import FRAGMENT, board, login
from tests.render_signal.service import Service
from tests.render_signal.troubles import (
    dead,
    paused,
    trouble,
)
from tests.webhooks.examples import enqueue

pytestmark = pytest.mark.django_db


def test_who_may_only_look_sees_no_button(service: Service) -> None:
    paused(service)
    enqueue("a", at=timezone.now())
    dead(service)
    resume = 'aria-label="Resume endpoint default"'
    assert resume in board()[1]
    shown, text = board(login("view_webhook", "view_delivery"))
    assert len(shown.needs) == 2
    assert resume not in text
    assert "send-again" not in text


@pytest.mark.parametrize(
    ("permission", "seen", "hidden"),
    [
        ("view_delivery", "are dead", "mailbox default"),
        ("view_mailbox", "has refused the login", "are dead"),
        ("view_mail", "All that you may see is well", "are dead"),
    ],
)
def test_what_somebody_may_not_view_is_not_shown(
    service: Service, permission: str, seen: str, hidden: str
) -> None:
    dead(service)
    trouble(service)
    _, text = board(login(permission))
    assert seen in text
    assert hidden not in text


def test_who_may_see_nothing_of_it_is_shown_nothing(service: Service) -> None:
    browser = login("view_user")
    assert browser.get(FRAGMENT).content.strip() == b""
    assert b'id="dashboard"' not in browser.get("/admin/").content


def test_a_stranger_is_sent_to_the_login(service: Service) -> None:
    assert Browser().get(FRAGMENT)["Location"].startswith("/admin/login/")


def test_who_may_not_use_the_assistant_is_not_sent_there(
    service: Service, settings: LazySettings
) -> None:
    settings.IMAP_SERVER = settings.EMAIL_ADDRESS = settings.EMAIL_PASSWORD = ""
    shown, _ = board(login("view_mailbox", "view_webhook"))
    assert [need.links for need in shown.needs if "No mailbox is set up" in need.sentence] == [()]
