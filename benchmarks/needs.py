"""What the measurements take that pip does not install."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.servers.dovecot import HOW as DOVECOT_HOW
from tests.servers.dovecot import dovecot_binary
from tests.servers.postgres import HOW as POSTGRES_HOW
from tests.servers.postgres import postgres_folder
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import redis_binary


class Server(NamedTuple):
    find: Callable[[], object]
    how: str


DOVECOT = Server(dovecot_binary, DOVECOT_HOW)
REDIS = Server(redis_binary, REDIS_HOW)
POSTGRES = Server(postgres_folder, POSTGRES_HOW)
Needs = Mapping[str, Sequence[Server]]


def lacking(servers: Iterable[Server]) -> list[Server]:
    return [server for server in servers if not server.find()]


def missing(names: Sequence[str], needs: Needs) -> list[str]:
    """What to say before anything is measured: what is missing, how to come by it, what has to be
    left out, and what does without."""
    absent = lacking(dict.fromkeys(server for name in names for server in needs[name]))
    if not absent:
        return []
    left = [name for name in names if lacking(needs[name])]
    rest = [name for name in names if name not in left]
    lines = [server.how for server in absent]
    lines.append(f"  Left out without it: {', '.join(left)}.")
    if rest:
        alone = f'make bench ONLY="{" ".join(rest)}"'
        lines.append(f"  Measured, for they do without: {', '.join(rest)} ({alone}).")
    return lines
