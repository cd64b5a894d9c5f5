"""An endpoint that is sent nothing until a person resumes it, and how that is told.

Logs, alerts and /health say what to do; a page has the button and the link for it beside the cause.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from configstore.wording import translated

GONE = "the endpoint answered 410 Gone"
RESUME = "resume it among the endpoint states of the admin, or give it a new address"


def gone() -> str:
    return f"{GONE}: {RESUME}"


def refused(error: str) -> str:
    return f"{error}; when that is done, {RESUME}"[:500]


def cause(paused: str) -> str:
    """In the reader's language, without what to do."""
    return translated(
        paused.removesuffix(f": {RESUME}").removesuffix(f"; when that is done, {RESUME}")
    )


def suspended(paused: str) -> str:
    """Continues a sentence about a delivery, or about all that waits for the endpoint."""
    sentence = _("suspended until the endpoint is resumed or has a new address: %(reason)s")
    return sentence % {"reason": cause(paused)}
