"""How many files and connections the process may have open."""

from __future__ import annotations

import resource

ENOUGH = 65_536


def allow_many_descriptors() -> None:
    """As many as the system lets us, up to ENOUGH: each mailbox takes several, and many systems
    begin with 1024 although they allow more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
