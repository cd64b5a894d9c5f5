"""How a receiver in a private network is allowed, said in one way wherever one is refused."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

VARIABLE = "EGRESS_ALLOWED_CIDRS"


def how_to_allow() -> str:
    if settings.ON_RENDER:
        return _(
            "A network is allowed by EGRESS_ALLOWED_CIDRS among the environment variables of each "
            "service on Render, for example EGRESS_ALLOWED_CIDRS=10.0.0.0/8; then deploy them all."
        )
    return _(
        "A receiver on this machine is allowed by the line EGRESS_ALLOWED_CIDRS=127.0.0.0/8 in the "
        "file .env, in the folder of render_signal. Then stop both processes, the web page and "
        "runpoller, and start them again."
    )
