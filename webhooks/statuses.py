"""What the status of an answer means for whoever runs the receiver, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REDIRECTS = _(
    "The receiver redirects, and redirects are not followed: set the address that it leads to."
)
_REFUSES = _(
    "The receiver refuses who sends: check the secret headers of the endpoint, and what the "
    "receiver wants to see."
)
_NOWHERE = _(
    "Nothing listens at this address: check it. In n8n the workflow has to be active and the "
    "address the production URL, not the test URL; in Make the scenario has to be on."
)
_CONTENT = _(
    "The receiver does not accept the content: compare what is sent with what it expects; its "
    "answer may say more."
)
_FAILS = _("The receiver itself fails: look into its own log.")
MEANINGS: Mapping[int, Promise] = {
    **dict.fromkeys((301, 302, 303, 307, 308), _REDIRECTS),
    **dict.fromkeys((401, 403), _REFUSES),
    **dict.fromkeys((404, 405), _NOWHERE),
    **dict.fromkeys((400, 422), _CONTENT),
    410: _("The receiver says that this address is gone for good: set its new address."),
    413: _(
        "What is sent is too large for the receiver, so it is not tried again: raise the limit "
        "there, then send again."
    ),
    415: _("The receiver takes no such content: change the format of the endpoint, JSON or form."),
    429: _("The receiver has had too many requests: set a limit per hour in the preferences."),
}
_AT_THE_END = re.compile(r"HTTP ([1-5]\d\d)")


def meaning(status: int | None) -> str:
    """In the language of the reader; "" for what is not common or is no failure."""
    if status is None:
        return ""
    return str(_FAILS if status >= 500 else MEANINGS.get(status, ""))


def meaning_of(reason: str) -> str:
    """Of the status that a stored reason ends with, if it does."""
    found = _AT_THE_END.search(reason)
    return meaning(int(found[1])) if found and reason.endswith(found[0]) else ""
