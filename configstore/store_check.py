"""Whether the stores do their work, tried for real."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.utils.translation import gettext as _

from configstore.backends.base import ConfigBackend, DocumentCorrupt, StoreUnavailable
from configstore.probes import Answer
from configstore.wording import translated

SCRATCH = "_check"


def check_stores(backends: Iterable[ConfigBackend]) -> list[Answer]:
    """Each is written, read, and cleaned up again."""
    return [_check(backend) for backend in backends]


def _check(backend: ConfigBackend) -> Answer:
    begun, label = time.monotonic(), translated(backend.label)
    try:
        backend.write(SCRATCH, {"check": 1})
        found = backend.read(SCRATCH)
        backend.write(SCRATCH, None)
    except (StoreUnavailable, DocumentCorrupt) as exc:
        names = {"store": label, "reason": translated(str(exc))}
        return Answer(ok=False, sentence=_("%(store)s: cannot be used (%(reason)s).") % names)
    if found != {"check": 1}:
        names = {"store": label}
        return Answer(ok=False, sentence=_("%(store)s: gives back something else.") % names)
    names = {"store": label, "ms": str(round((time.monotonic() - begun) * 1000))}
    return Answer(ok=True, sentence=_("%(store)s: takes and gives documents, %(ms)s ms.") % names)
