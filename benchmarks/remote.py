"""The endpoint and the proxy of the tests, each in a process of its own: what they do takes no
time from one another's interpreter, nor from the one that measures."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.managers import BaseManager
from typing import NamedTuple, cast

from benchmarks.mails import TOKEN
from tests.servers.attached import PR_SET_PDEATHSIG
from tests.servers.certificates import Certificates
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import Answer, Request
from tests.servers.proxy import Proxy


class Post(NamedTuple):
    """right: whether the link of its mail is in it. webhook_id is "" where there is none."""

    time: float
    token: str
    accepted: bool
    right: bool
    path: str
    webhook_id: str


class Receiver:
    """A webhook endpoint that knows which mails are still to come."""

    def __init__(self, certificates: Certificates) -> None:
        self._endpoint = Endpoint(certificates)
        self._endpoint.answer(self._answer)
        self.begin()

    def url(self) -> str:
        return self._endpoint.url

    def begin(self, delay: float = 0.0, out_of_order: float = 0.0) -> None:
        """Forget everything. From now on each answer comes so late, and for so many seconds after
        the first POST it is a refusal."""
        self._endpoint.clear()
        self._links: dict[str, str] = {}
        self._missing: set[str] = set()
        self._posts: list[Post] = []
        self._delay, self._out_of_order = delay, out_of_order

    def expect(self, links: dict[str, str]) -> None:
        """One webhook for each token, with its link."""
        self._links |= links
        self._missing |= set(links) - {post.token for post in self._posts if post.accepted}

    def missing(self) -> int:
        return len(self._missing)

    def count(self) -> int:
        return len(self._posts)

    def last(self) -> float:
        """When the last POST came; 0 before the first."""
        return self._posts[-1].time if self._posts else 0.0

    def posts(self) -> list[Post]:
        return self._posts

    def _answer(self, request: Request) -> Answer:
        found = TOKEN.search(request.body)
        token = found[0].decode() if found else ""
        began = self._posts[0].time if self._posts else request.time
        accepted = request.time >= began + self._out_of_order
        link = self._links.get(token)
        right = link is not None and link.encode() in request.body
        name = request.headers.get("webhook-id", "")
        self._posts.append(Post(request.time, token, accepted, right, request.path, name))
        if accepted:
            self._missing.discard(token)
        return Answer(status=200 if accepted else 500, delay=self._delay)


class Wire:
    """A proxy in front of the mail server, which counts."""

    def __init__(self, upstream: int) -> None:
        self._proxy = Proxy(upstream)

    def port(self) -> int:
        return self._proxy.port

    def begin(self, delay: float = 0.0) -> None:
        """Count anew; each way takes so long."""
        self._proxy.reset_counts()
        self._proxy.delay = {"up": delay, "down": delay}

    def traffic(self) -> int:
        """Bytes of both directions."""
        return self._proxy.traffic

    def commands(self) -> dict[str, int]:
        return dict(self._proxy.commands)


class _Process(BaseManager):
    pass


_Process.register("Receiver", Receiver)
_Process.register("Wire", Wire)


@contextlib.contextmanager
def receiver(certificates: Certificates) -> Iterator[Receiver]:
    with _process() as process:
        yield cast(Receiver, process.Receiver(certificates))  # type: ignore[attr-defined]


@contextlib.contextmanager
def wire(upstream: int) -> Iterator[Wire]:
    with _process() as process:
        yield cast(Wire, process.Wire(upstream))  # type: ignore[attr-defined]


@contextlib.contextmanager
def _process() -> Iterator[_Process]:
    process = _Process(ctx=get_context("spawn"))
    process.start(_end_with, (os.getpid(),))
    try:
        yield process
    finally:
        process.shutdown()


def _end_with(parent: int) -> None:
    """However it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            sys.exit("the parent is gone already")
