from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from configstore.document import Document
from configstore.documents import MagicLinkTokens, PollingConfig, ProcessingPrefs, WebhookConfig

# As the former application wrote them into its files and into Redis.
OLD_POLLING = {
    "enable_polling": True,
    "active_days": [0, 1, 2, 3, 4],
    "active_start_hour": 9,
    "active_end_hour": 23,
    "sender_of_interest_for_polling": "A@example.com, b@example.com ,,",
    "enable_subject_group_dedup": True,
    "vacation_start": "2026-08-01",
    "vacation_end": "",
    "_updated_at": "2026-01-25T09:00:00Z",
}
OLD_PREFS = {
    "exclude_keywords": ["relance", "test"],
    "require_attachments": False,
    "max_email_size_mb": None,
    "sender_priority": {"a@example.com": "high"},
    "retry_count": 0,
    "retry_delay_sec": 2,
    "webhook_timeout_sec": 30,
    "rate_limit_per_hour": 5,
    "notify_on_failure": False,
    "mirror_media_to_custom": True,
    "exclude_keywords_recadrage": [],
}
OLD_WEBHOOK = {
    "webhook_url": "abc-DEF_123@hook.eu2.make.com",
    "webhook_ssl_verify": False,
    "webhook_sending_enabled": True,
    "webhook_time_start": "09h30",
    "webhook_time_end": "19:00",
    "absence_pause_enabled": True,
    "absence_pause_days": ["saturday", "sunday"],
    "_updated_at": "2026-01-25T09:00:00Z",
}


def dumped(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json")


def test_a_polling_config_of_the_former_application_is_read() -> None:
    config = PollingConfig.model_validate(OLD_POLLING)
    assert config.active_days == (0, 1, 2, 3, 4)
    assert (config.active_start_hour, config.active_end_hour) == (9, 23)
    assert config.sender_of_interest_for_polling == ("a@example.com", "b@example.com")
    assert (config.vacation_start, config.vacation_end) == (date(2026, 8, 1), None)


def test_processing_prefs_of_the_former_application_are_read() -> None:
    prefs = ProcessingPrefs.model_validate(OLD_PREFS)
    assert prefs.exclude_keywords == ("relance", "test")
    assert prefs.sender_priority == {"a@example.com": "high"}
    assert ProcessingPrefs.model_validate(OLD_PREFS | {"sender_priority": []}).sender_priority == {}
    assert (prefs.retry_count, prefs.webhook_timeout_sec, prefs.rate_limit_per_hour) == (0, 30, 5)


def test_a_webhook_config_of_the_former_application_is_read() -> None:
    config = WebhookConfig.model_validate(OLD_WEBHOOK)
    assert config.webhook_url == "https://hook.eu2.make.com/abc-DEF_123"
    assert (config.webhook_time_start, config.webhook_time_end) == ("09:30", "19:00")
    assert config.absence_pause_days == ("saturday", "sunday")


def test_magic_links_are_read() -> None:
    tokens = MagicLinkTokens.model_validate(
        {
            "once": {"expires_at": 1800000000.5, "single_use": True, "consumed": True},
            "for-ever": {"expires_at": None, "single_use": False, "consumed_at": None},
        }
    ).links
    once, for_ever = tokens["once"], tokens["for-ever"]
    assert once is not None
    assert (once.expires_at, once.consumed) == (1800000000.5, True)
    assert for_ever is not None
    assert for_ever.expires_at is None


@pytest.mark.parametrize("entry", [{"expires_at": "soon"}, {"consumed": "perhaps"}, [], None, 5])
def test_what_is_no_magic_link_is_kept_and_opens_nothing(entry: object) -> None:
    tokens = MagicLinkTokens.model_validate({"link-7": entry, "_updated_at": "2026-01-01"})
    assert tokens.links == {"link-7": None}
    assert dumped(tokens) == {"link-7": entry, "_updated_at": "2026-01-01"}


@pytest.mark.parametrize(
    ("kind", "old"),
    [(PollingConfig, OLD_POLLING), (ProcessingPrefs, OLD_PREFS), (WebhookConfig, OLD_WEBHOOK)],
)
def test_fields_that_are_not_ours_are_kept(kind: type[Document], old: dict[str, Any]) -> None:
    again = dumped(kind.model_validate(old))
    assert {name: again[name] for name in old if name not in kind.model_fields} == {
        name: old[name] for name in old if name not in kind.model_fields
    }


@pytest.mark.parametrize("kind", [PollingConfig, ProcessingPrefs, WebhookConfig])
def test_an_empty_document_is_all_defaults(kind: type[Document]) -> None:
    assert kind.model_validate({}) == kind()


def test_the_defaults_are_those_of_the_contract() -> None:
    assert PollingConfig().timezone == "Europe/Paris"
    assert PollingConfig().interval_seconds == 30
    assert PollingConfig().sender_of_interest_for_polling == ()
    assert WebhookConfig().webhook_ssl_verify
    assert not ProcessingPrefs().relay_without_links


@pytest.mark.parametrize(
    "senders", ["a@b.c,D@e.f", ["a@b.c", "D@e.f", "A@B.C"], [" a@b.c ", "d@e.f"]]
)
def test_senders_are_a_list_or_a_comma_string_without_case(senders: object) -> None:
    config = PollingConfig.model_validate({"sender_of_interest_for_polling": senders})
    assert config.sender_of_interest_for_polling == ("a@b.c", "d@e.f")


@pytest.mark.parametrize("days", ["0, 2,4", ["0", "2", "4"], [0, 2, 4]])
def test_active_days_are_a_list_or_a_comma_string(days: object) -> None:
    assert PollingConfig.model_validate({"active_days": days}).active_days == (0, 2, 4)


@pytest.mark.parametrize("field", ["vacation_start", "vacation_end"])
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_vacation_day_is_none(field: str, blank: object) -> None:
    assert getattr(PollingConfig.model_validate({field: blank}), field) is None


def test_a_vacation_of_one_day_is_a_vacation() -> None:
    day = {"vacation_start": "2026-12-24", "vacation_end": "2026-12-24"}
    assert PollingConfig.model_validate(day).vacation_end == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("09h30", "09:30"),
        ("9h30", "09:30"),
        ("09:30", "09:30"),
        ("23H59", "23:59"),
        (" 0:00 ", "00:00"),
    ],
)
def test_a_clock_time_is_written_in_several_ways(written: str, meant: str) -> None:
    assert WebhookConfig.model_validate({"webhook_time_start": written}).webhook_time_start == meant


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_clock_time_is_no_window(blank: object) -> None:
    assert WebhookConfig.model_validate({"webhook_time_end": blank}).webhook_time_end is None


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_url_is_none(blank: object) -> None:
    assert WebhookConfig.model_validate({"webhook_url": blank}).webhook_url is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tok@hook.make.com", "https://hook.make.com/tok"),
        (" tok@hook.us1.make.com\n", "https://hook.us1.make.com/tok"),
        (" https://a.example/x?y=1 ", "https://a.example/x?y=1"),
        ("http://10.0.0.4:8080/x", "http://10.0.0.4:8080/x"),
    ],
)
def test_a_webhook_url_is_whole_or_the_shorthand_of_make(written: str, meant: str) -> None:
    assert WebhookConfig.model_validate({"webhook_url": written}).webhook_url == meant


@pytest.mark.parametrize("mode", ["json", "form"])
def test_both_delivery_modes_are_known(mode: str) -> None:
    assert (
        WebhookConfig.model_validate({"webhook_delivery_mode": mode}).webhook_delivery_mode == mode
    )


def test_an_absence_that_is_off_needs_no_day() -> None:
    assert WebhookConfig.model_validate({"absence_pause_days": []}).absence_pause_days == ()


def test_a_document_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        PollingConfig().enable_polling = False  # type: ignore[misc]


def test_relayed_mails_are_not_moved_to_where_they_are_read() -> None:
    """They would be found there as new ones, for ever."""
    moving = {"after_relay": "move", "after_relay_folder": "Inbox"}
    with pytest.raises(ValidationError, match="the folder that is read"):
        PollingConfig.model_validate(moving)
    assert PollingConfig.model_validate({**moving, "imap_folder": "Files"})
