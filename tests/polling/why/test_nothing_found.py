"""What it can mean that no mail is found, for each state a mailbox can be in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from configstore.documents import PollingConfig
from polling.holders import Holder
from polling.models import MailboxState
from polling.why.nothing_found import Box, nothing_found
from polling.why.similar import nearest

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
HELD, NOBODY = Holder("Redis", {"pid": "7"}), Holder("Redis", {})


def state(**fields: Any) -> MailboxState:
    values = {"pk": 3, "name": "sales", "searched_at": NOW, "started_at": NOW - timedelta(days=9)}
    return MailboxState(**{**values, **fields})


def box(remembered: MailboxState | None = None, **fields: Any) -> Box:
    values = {"name": "sales", "holder": HELD, "config": PollingConfig(), **fields}
    return Box(state=remembered, **values)


def told(*boxes: Box) -> list[str]:
    with timezone.override("Europe/Paris"):
        return [step.text for step in nothing_found(boxes, NOW, 30)]


def test_a_mailbox_that_is_served_has_never_shown_it() -> None:
    served, limits = told(box(state()))
    assert "was searched on Nov. 27, 2026, 10:00:00" in served
    assert "the spam folder" in served
    assert "Mailbox sales was met on Nov. 18, 2026" in limits
    assert "not older than 30 days" in limits


@pytest.mark.parametrize(
    ("remembered", "fields", "sentences"),
    [
        (None, {"lacks": "It is not set up: polling_config lacks imap_user"},
         ["is not served. It is not set up: polling_config lacks “User”."]),
        (state(), {"config": PollingConfig(enable_polling=False)},
         ["is not read now: polling is switched off (“Read this mailbox”)."]),
        (state(), {"config": PollingConfig(active_days=(0,))},
         ["is not read before Nov. 30, 2026, 00:00:00: not an active day."]),
        (state(), {"config": PollingConfig(active_start_hour=18, active_end_hour=20)},
         ["is not read before Nov. 27, 2026, 18:00:00: outside the active hours 18 to 20."]),
        (state(), {"config": PollingConfig(vacation_start=date(2026, 11, 1))},
         ["is not read now: vacation until it is changed."]),
        (state(searched_at=NOW - timedelta(hours=2), trouble="IMAP login failed: no.",
               trouble_since=NOW - timedelta(hours=1)), {},
         ["cannot be read; it was last searched: Nov. 27, 2026, 08:00:00. IMAP login failed: no."]),
        (state(searched_at=None, trouble="IMAP timeout", trouble_since=NOW), {},
         ["it was last searched: never."]),
        (state(), {"holder": NOBODY}, ["Nobody reads mailbox sales", "“manage.py runpoller”"]),
        (None, {}, ["was never searched yet"]),
        (state(catch_up_total=900, catch_up_done=200), {}, ["200 of 900 mails are read"]),
        (state(searched_at=NOW - timedelta(hours=1)), {}, ["was last searched on Nov. 27"]),
    ],
)  # fmt: skip
def test_why_the_mail_may_be_there_and_not_here(
    remembered: MailboxState | None, fields: dict[str, Any], sentences: Sequence[str]
) -> None:
    said = told(box(remembered, **fields))[0]
    assert [sentence for sentence in sentences if sentence not in said] == []


def test_a_trouble_with_which_it_is_served_hinders_nothing() -> None:
    served = state(trouble="IMAP STORE failed", trouble_since=NOW - timedelta(hours=1))
    assert "was searched on" in told(box(served))[0]


def test_a_lock_that_cannot_be_asked_after_says_nothing() -> None:
    assert "was searched on" in told(box(state(), holder=Holder("file", {}, degraded=True)))[0]


def test_of_several_mailboxes_those_that_are_served_share_a_sentence() -> None:
    boxes = [box(state(), name="a"), box(state(), name="b"), box(None, name="c", lacks="no")]
    lacking, served, limits = told(*boxes)
    assert "Mailbox c is not served" in lacking
    assert "Mailboxes a, b were searched" in served
    assert "before its mailbox was met" in limits


def test_every_sentence_that_names_a_setting_leads_to_it() -> None:
    off = box(state(), config=PollingConfig(enable_polling=False))
    link = nothing_found([off], NOW, 30)[0].link
    assert link is not None
    assert link.address == "/admin/configstore/mailbox/sales/change/#row_enable_polling"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("livraison@studoi.example", ["livraison@studio.example"]),
        ("livrason", ["livraison@studio.example"]),
        ("studio.exampel", ["livraison@studio.example"]),
        ("LIVRAISÓN", ["livraison@studio.example"]),
        ("lot", []),
        ("invoice", []),
    ],
)
def test_a_sender_that_is_nearly_right_is_found(word: str, found: list[str]) -> None:
    assert nearest([word], ["livraison@studio.example", "info@other.example"]) == found
