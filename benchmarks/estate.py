"""Many mailboxes and endpoints around the processes that serve them: real Dovecot, Redis and
PostgreSQL, and one receiver with a path for each endpoint."""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import remote
from benchmarks.databases import databases, environment, python
from benchmarks.mails import Kind, Mail, make
from benchmarks.remote import Post, Receiver
from tests.servers.certificates import Certificates
from tests.servers.dovecot import HOW as DOVECOT_HOW
from tests.servers.dovecot import Dovecot, dovecot_binary
from tests.servers.mailbox import Mailbox
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import RedisServer, redis_binary

DEFAULT = "default"
# Of all that is still to come: what was under way at a kill is sent again within a quarter of it.
STALL = 60.0
DESCRIBE = """
import json, sys
import django
django.setup()
from configstore.declared import config_store
from configstore.documents import kind_of
for name, document in json.load(sys.stdin).items():
    config_store().save(kind_of(name), name, document)
"""


@dataclass
class Estate:
    """One after the other: begin() makes everything new. Each mailbox gets mails of one sender,
    and a routing rule for that sender leads to one of the endpoints."""

    folder: Path
    dovecot: Dovecot
    redis: RedisServer
    receiver: Receiver
    fresh: Callable[[], str]
    names: list[str] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    """The mailbox of each mail."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._mailboxes: dict[str, Mailbox] = {}
        self._more: dict[str, Iterator[Mail]] = {}
        self._url, self._dropped_at = "", 0.0

    def begin(self, mailboxes: int, endpoints: int) -> None:
        self.names = [DEFAULT, *(f"m{number}" for number in range(1, mailboxes))]
        self.endpoints = [DEFAULT, *(f"e{number}" for number in range(1, endpoints))]
        self.tokens = {}
        with self.redis.client() as client:
            client.flushall()
        self.receiver.begin()
        self._url = self.fresh()
        turn = next(self._numbers)
        self._mailboxes = {
            name: Mailbox(self.dovecot, f"{name}-{turn}@mail.example") for name in self.names
        }
        self._more = {name: self._mails(name) for name in self.names}
        python(self.variables(self.disk()), "-c", DESCRIBE, given=json.dumps(self._documents()))

    def disk(self) -> Path:
        """That of one more container."""
        folder = self.folder / f"disk-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def drop(self, name: str, count: int = 1) -> list[str]:
        """So many more mails in this mailbox. Their tokens."""
        mails = list(itertools.islice(self._more[name], count))
        self.receiver.expect({mail.token: mail.link for mail in mails})
        self.tokens |= {mail.token: name for mail in mails}
        self.dovecot.drop(self._mailboxes[name].user, [mail.raw for mail in mails])
        self._dropped_at = time.monotonic()
        return [mail.token for mail in mails]

    def done(self) -> bool:
        """Whether every mail is accepted, or nothing was posted for so long."""
        if not self.receiver.missing():
            return True
        return time.monotonic() - max(self._dropped_at, self.receiver.last()) > STALL

    def wait_all(self) -> None:
        while not self.done():
            time.sleep(0.05)

    def accepted(self, tokens: Iterable[str]) -> list[Post]:
        """The webhooks of these mails, in the order in which they came."""
        wanted = set(tokens)
        return [post for post in self.receiver.posts() if post.accepted and post.token in wanted]

    def astray(self, posts: Iterable[Post]) -> int:
        """How many of these came to another endpoint than the rules say, or as another mail."""
        return sum(
            not post.right or post.path != f"/{self._endpoint(self.tokens[post.token])}"
            for post in posts
        )

    def variables(self, folder: Path) -> dict[str, str]:
        """Those of a process with this disk."""
        return environment(folder, self._url) | {
            "REDIS_URL": self.redis.url,
            "POLLING_TIMEZONE": "UTC",
            "EMAIL_POLLING_INTERVAL_SECONDS": "1",
        }

    def _mails(self, name: str) -> Iterator[Mail]:
        return make(10**6, Kind(senders=(_sender(self._endpoint(name)),)), name)

    def _endpoint(self, name: str) -> str:
        return self.endpoints[self.names.index(name) % len(self.endpoints)]

    def _documents(self) -> dict[str, dict[str, object]]:
        """As the pages of the admin save them."""
        base = self.receiver.url().removesuffix("/hook")
        documents: dict[str, dict[str, object]] = {
            _document("webhook_config", name): {"webhook_url": f"{base}/{name}"}
            for name in self.endpoints
        }
        documents |= {
            _document("polling_config", name): mailbox.document()
            for name, mailbox in self._mailboxes.items()
        }
        documents["webhook_config"]["endpoints"] = self.endpoints[1:]
        documents["polling_config"]["mailboxes"] = self.names[1:]
        documents["routing_rules"] = {"rules": [_rule(name) for name in self.endpoints[1:]]}
        return documents


def _document(kind: str, name: str) -> str:
    return kind if name == DEFAULT else f"{kind}:{name}"


def _sender(endpoint: str) -> str:
    return f"{endpoint}@studio.example"


def _rule(endpoint: str) -> dict[str, object]:
    sender = {"field": "sender", "test": "equals", "value": _sender(endpoint)}
    return {"name": f"to {endpoint}", "conditions": [sender], "endpoint": endpoint}


@contextlib.contextmanager
def estate() -> Iterator[Estate]:
    with contextlib.ExitStack() as stack:
        fresh = stack.enter_context(databases("postgres"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        folder.chmod(0o755)  # Dovecot reads it as another user
        places = [folder / name for name in ("certificates", "dovecot", "redis")]
        for place in places:
            place.mkdir()
        certificates = Certificates(places[0])
        dovecot = Dovecot(dovecot_binary() or sys.exit(DOVECOT_HOW), places[1], certificates)
        stack.callback(dovecot.stop)
        redis = RedisServer(redis_binary() or sys.exit(REDIS_HOW), places[2])
        stack.callback(redis.stop)
        receiver = stack.enter_context(remote.receiver(certificates))
        yield Estate(folder, dovecot, redis, receiver, fresh)
