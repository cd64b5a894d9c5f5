"""What /health says of one part."""

from __future__ import annotations

from typing import Any

from configstore.fields import DEFAULT_MAILBOX

# The key of what a part has heard from others, word for word: for those who are logged in.
SAID = "said"
OK, DEGRADED, FAILED = "ok", "degraded", "failed"
Part = dict[str, Any]
DATABASE_AWAY: Part = {"status": FAILED, "detail": "the database cannot be asked"}


def part_name(what: str, name: str) -> str:
    """Of the default mailbox or endpoint the plain word."""
    return what if name == DEFAULT_MAILBOX else f"{what}:{name}"
