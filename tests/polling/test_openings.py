"""When mail is read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from configstore.documents import PollingConfig
from polling.openings import next_opening

FRIDAY_EVENING = datetime.fromisoformat("2026-11-27T20:15:00+00:00")


@pytest.mark.parametrize(
    ("fields", "opening"),
    [
        ({"active_start_hour": 8, "active_end_hour": 19}, "2026-11-28T08:00:00+00:00"),
        ({"active_days": [0]}, "2026-11-30T00:00:00+00:00"),
        ({"vacation_start": "2026-11-20", "vacation_end": "2026-12-24"}, "2026-12-25T00:00:00Z"),
        ({"vacation_start": "2026-11-27"}, None),
        ({"active_start_hour": 8, "active_end_hour": 8}, None),
        ({"enable_polling": False}, None),
    ],
)  # fmt: skip
def test_it_opens_with_the_first_hour_in_which_mail_is_read(
    fields: dict[str, Any], opening: str | None
) -> None:
    config = PollingConfig.model_validate({"timezone": "UTC", **fields})
    expected = datetime.fromisoformat(opening) if opening else None
    assert next_opening(config, FRIDAY_EVENING) == expected
