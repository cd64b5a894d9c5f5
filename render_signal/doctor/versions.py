"""Python and the libraries."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata

import django
from django.utils.translation import gettext as _

from render_signal.doctor.finding import Finding, green, red

OLDEST = (3, 11)


def versions() -> Iterator[Finding]:
    facts = {
        "python": platform.python_version(),
        "django": django.get_version(),
        "redis": metadata.version("redis"),
        "imapclient": metadata.version("imapclient"),
    }
    sentence = _(
        "Python %(python)s, Django %(django)s, redis %(redis)s, IMAPClient %(imapclient)s."
    )
    if sys.version_info[:2] >= OLDEST:
        yield green(sentence % facts)
    else:
        yield red(sentence % facts, _("Use Python 3.11 or newer."))
