from __future__ import annotations

import pytest
from pydantic import ValidationError

from configstore.document import Document, describe
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig

MANY = [f"a{number}@b.c" for number in range(21)]
BOUNDS: list[tuple[type[Document], str, list[object], list[object]]] = [
    (PollingConfig, "active_start_hour", [0, 23, None], [-1, 24, 1.5, "noon"]),
    (PollingConfig, "active_end_hour", [0, 23, None], [-1, 24]),
    (PollingConfig, "active_days", [[], [0, 6]], [[7], [-1], ["monday"], 3]),
    (PollingConfig, "interval_seconds", [1, 3600], [0, 3601]),
    (PollingConfig, "subject_group_ttl_seconds", [0, 31_622_400], [-1, 31_622_401]),
    (
        PollingConfig,
        "imap_host",
        ["imap.example.com", "10.0.0.1", "::1", None],
        ["imaps://imap.example.com", "imap.example.com:993", "[::1]:993", "::g"],
    ),
    (
        PollingConfig,
        "sender_of_interest_for_polling",
        ["a@b.c, B.c ,@d.e,", ["root@localhost", "o'neil+x@b.c"], []],
        ["not an address", "a@b.c;d@e.f", ["localhost"], "A <a@b.c>", "a@", 5],
    ),
    (PollingConfig, "imap_folder", ["INBOX"], ["", None]),
    (PollingConfig, "vacation_start", ["2026-02-28"], ["2026-02-30", "soon"]),
    (
        PollingConfig,
        "timezone",
        ["UTC", "Europe/Paris"],
        ["Mars/Base", "", "../UTC", "a\0b", "Europe"],
    ),
    (PollingConfig, "enable_polling", [True, False], ["perhaps", None, 2]),
    (ProcessingPrefs, "max_email_size_mb", [1, None], [0, -1]),
    (
        ProcessingPrefs,
        "sender_priority",
        [{}, {"a@b.c": "low"}, []],
        [{"a@b.c": "urgent"}, ["a@b.c"]],
    ),
    (ProcessingPrefs, "retry_count", [0, 10], [-1, 11]),
    (ProcessingPrefs, "retry_delay_sec", [0, 600], [-1, 601]),
    (ProcessingPrefs, "webhook_timeout_sec", [1, 300], [0, 301]),
    (ProcessingPrefs, "rate_limit_per_hour", [0, 100000], [-1, 100001]),
    (ProcessingPrefs, "exclude_keywords", [[], ["a"], "a,b"], [{"a": 1}, [1]]),
    (
        ProcessingPrefs,
        "alert_emails",
        [[], "a@b.example, B+c@d.example", ["root@localhost"]],
        [["a"], ["a@b c"], ["A <a@b.c>"], ["a@b.c\nBcc: d@e.f"], ["é@b.c"], MANY, 5],
    ),
    (ProcessingPrefs, "alert_webhook_url", ["https://a.example", None], ["ftp://a.example", "a"]),
    (
        WebhookConfig,
        "webhook_url",
        ["https://a.example/q "],
        ["https://a.example/q\0", "a\nb.example"],
    ),
    (WebhookConfig, "webhook_delivery_mode", ["json", "form"], ["xml", "", None]),
    (WebhookConfig, "webhook_time_start", ["00h00", "23:59"], ["24:00", "12:60", "noon", "9", 930]),
    (WebhookConfig, "absence_pause_days", [["monday"]], [["someday"], [0], "someday"]),
    (
        WebhookConfig,
        "webhook_url",
        ["https://a.example"],
        ["ftp://a.example", "a.example", "https://", 5],
    ),
]
GOOD = [(kind, field, value) for kind, field, good, _ in BOUNDS for value in good]
BAD = [(kind, field, value) for kind, field, _, bad in BOUNDS for value in bad]


@pytest.mark.parametrize(("kind", "field", "value"), GOOD)
def test_a_value_within_its_bounds_is_taken(
    kind: type[Document], field: str, value: object
) -> None:
    assert field in kind.model_validate({field: value}).model_fields_set


@pytest.mark.parametrize(("kind", "field", "value"), BAD)
def test_a_value_out_of_bounds_is_refused_by_the_name_of_its_field(
    kind: type[Document], field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate({field: value})
    assert describe(refused.value).startswith(field)


def test_an_absence_needs_a_day() -> None:
    with pytest.raises(ValidationError, match="at least one day in absence_pause_days"):
        WebhookConfig.model_validate({"absence_pause_enabled": True, "absence_pause_days": []})


def test_a_vacation_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="vacation_end is before vacation_start"):
        PollingConfig.model_validate({"vacation_start": "2026-08-02", "vacation_end": "2026-08-01"})


@pytest.mark.parametrize("written", ["٠٩:30", "09:3٠", "０９h30", "09h3０"])
def test_digits_of_other_scripts_are_no_clock_time(written: str) -> None:
    with pytest.raises(ValidationError, match="write a time as 09:30"):
        WebhookConfig.model_validate({"webhook_time_start": written})


@pytest.mark.parametrize(
    "host", ["hook.evilmake.com", "hook.eu2.make.com.evil.example", "make.com"]
)
def test_the_shorthand_is_for_hosts_of_make_only(host: str) -> None:
    with pytest.raises(ValidationError, match="write a whole address"):
        WebhookConfig.model_validate({"webhook_url": f"token@{host}"})


@pytest.mark.parametrize("login", ["s3cret", "user:s3cret", ":s3cret", "", "a@b:s3cret"])
def test_a_url_with_a_login_is_refused_and_not_repeated(login: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WebhookConfig.model_validate({"webhook_url": f"https://{login}@hook.example.com/x"})
    fault = "write the address without a user name or password"
    assert describe(refused.value) == f"webhook_url: {fault}"


def test_all_faults_of_a_document_are_named_in_one_line() -> None:
    with pytest.raises(ValidationError) as refused:
        ProcessingPrefs.model_validate({"retry_count": 11, "sender_priority": {"a@b.c": "x"}})
    assert describe(refused.value) == (
        "sender_priority.a@b.c: Input should be 'high', 'medium' or 'low'; "
        "retry_count: Input should be less than or equal to 10"
    )


def test_a_fault_of_the_whole_document_is_said_to_be_one() -> None:
    with pytest.raises(ValidationError) as refused:
        WebhookConfig.model_validate({"absence_pause_enabled": True})
    assert describe(refused.value).startswith("document: absence_pause_enabled needs")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://s3cret.example/",
        "https://user:s3cret@[",
        "https://s3cret℀.example/hook",
        "https://user:s3cret℀@hook.example/",
        "https://[s3cret]/hook",
        "//s3cret",
    ],
)
def test_what_is_wrong_with_a_url_does_not_repeat_it(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WebhookConfig.model_validate({"webhook_url": url})
    assert "s3cret" not in describe(refused.value)
