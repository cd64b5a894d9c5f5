"""Documents as they might be, and JSON that is none."""

from __future__ import annotations

from hypothesis import strategies as st
from pydantic import BaseModel

from configstore.document import Document
from configstore.documents import MagicLinkTokens, PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.fields import WEEKDAYS

KINDS: list[type[BaseModel]] = [PollingConfig, ProcessingPrefs, WebhookConfig, MagicLinkTokens]
FIELDS = sorted({name for kind in KINDS for name in kind.model_fields} | {"_updated_at", "model_x"})
MARK = "s3cret-of-the-operator"
some_text = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " ", "09h30", "24:00", "a@hook.make.com", "https://[", "Europe/Paris"]),
    st.sampled_from(["monday", "high", "json", "2026-02-30", "-0", "1e400", "\0", "./", "."]),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), some_text)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(some_text, inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(st.sampled_from(FIELDS) | some_text, values, max_size=6)
clock_times = st.none() | st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
documents: st.SearchStrategy[Document] = st.one_of(
    st.builds(
        PollingConfig,
        timezone=st.sampled_from(["Europe/Paris", "UTC", "Asia/Tokyo"]),
        active_days=st.lists(st.integers(0, 6)),
        active_start_hour=st.none() | st.integers(0, 23),
        vacation_start=st.none() | st.dates(),
        sender_of_interest_for_polling=st.lists(
            st.emails() | st.from_regex(r"@?[a-z]+\.[a-z]+", fullmatch=True)
        ),
        subject_group_ttl_seconds=st.integers(0, 366 * 24 * 3600),
        interval_seconds=st.integers(1, 3600),
        _updated_at=st.text(),
    ),
    st.builds(
        ProcessingPrefs,
        exclude_keywords=st.lists(st.text()),
        max_email_size_mb=st.none() | st.integers(1, 10**6),
        sender_priority=st.dictionaries(st.text(), st.sampled_from(["high", "medium", "low"])),
        retry_count=st.integers(0, 10),
        retry_delay_sec=st.integers(0, 600),
        webhook_timeout_sec=st.integers(1, 300),
        alert_emails=st.lists(
            st.from_regex(r"[a-z]+@[a-z]+\.example", fullmatch=True), max_size=20
        ),
        alert_webhook_url=st.none() | st.builds("https://a.example/{}".format, st.integers()),
        of_somebody_else=st.lists(st.integers()),
    ),
    st.builds(
        WebhookConfig,
        webhook_url=st.none() | st.builds("https://a.example/{}".format, st.integers()),
        webhook_time_start=clock_times,
        webhook_time_end=clock_times,
        absence_pause_enabled=st.booleans(),
        absence_pause_days=st.lists(st.sampled_from(WEEKDAYS), min_size=1),
        webhook_delivery_mode=st.sampled_from(["json", "form"]),
    ),
)
