"""Unread mails wait in the mailbox: how fast, and at what price, does each become a webhook?

From the start of the process to the last webhook, so that what is done before the first mail
counts, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.figures import Aim, Measurement, Metric, Run
from benchmarks.mails import Kind, make
from benchmarks.processes import Subject
from benchmarks.scale import Scale
from benchmarks.world import Lane, Stock, World, by_turns

STALL = 20.0


@dataclass(frozen=True)
class Drain:
    """imap: seconds of a packet one way. answer: seconds until the endpoint has made up its mind.
    part: what we want of the speed of the raw limit."""

    title: str
    count: Callable[[Scale], int]
    kind: Callable[[Scale], Kind]
    imap: float = 0.0
    answer: float = 0.0
    part: float = 0.6

    def measure(self, world: World, scale: Scale, name: str) -> Measurement:
        count = self.count(scale)
        with world.stock(make(count, self.kind(scale), name)) as stock:
            runs = [self._drain(lane, stock) for lane in by_turns(world, scale.runs)]
        title = self.title.format(count=count, megabytes=scale.attachment_mb)
        return Measurement(name, title, _metrics(self.part), runs)

    def _drain(self, lane: Lane, stock: Stock) -> Run:
        lane.begin(imap=self.imap, answer=self.answer)
        lane.fill(stock)
        with lane.running() as running:
            lane.wait_all(running, STALL)
            return Run(lane.subject, figures(lane, running, stock))


DRAINS = {
    "drain-small": Drain(
        "{count} small mails in the mailbox", lambda scale: scale.small, lambda _: Kind()
    ),
    "drain-large": Drain(
        "{count} mails, each with {megabytes:g} MB attached",
        lambda scale: scale.large,
        lambda scale: Kind(attached=1.0, megabytes=(scale.attachment_mb, scale.attachment_mb)),
    ),
    "drain-mixed": Drain(
        "{count} mixed mails, one in five to be relayed",
        lambda scale: scale.mixed,
        lambda scale: Kind(0.2, 0.15, (scale.attachment_mb / 3, scale.attachment_mb * 5 / 3)),
    ),
    "drain-wan": Drain(
        "{count} small mails, 40 ms to the mail server, an endpoint that takes 50 ms",
        lambda scale: scale.wan,
        lambda _: Kind(),
        imap=0.02,
        answer=0.05,
        part=0.8,
    ),
}


def figures(lane: Lane, running: Subject, stock: Stock) -> dict[str, float]:
    posts = [post for post in lane.receiver.posts() if post.accepted]
    times = [post.time for post in posts] or [running.started]
    seconds, span = max(times) - running.started, max(times) - min(times)
    relayed = {post.token for post in posts if post.right}
    return {
        "mails_per_second": stock.count / seconds if seconds else 0.0,
        "seconds": seconds,
        "steady_per_second": (len(times) - 1) / span if span else 0.0,
        "bytes_per_mail": lane.wire.traffic() / stock.count,
        "cpu_ms_per_mail": 1000 * running.costs.cpu_seconds / stock.count,
        "peak_mib": running.costs.peak_mib,
        "missing": len(set(stock.links) - relayed),
        "repeated": len(posts) - len({post.token for post in posts}),
    }


def _metrics(part: float) -> list[Metric]:
    return [
        Metric("mails_per_second", "mails a second", Aim("ratio", part, at_least=True), True),
        Metric("seconds", "seconds"),
        Metric("steady_per_second", "webhooks a second, first to last"),
        Metric("bytes_per_mail", "IMAP bytes a mail", Aim("ratio", 1.2), True),
        Metric("cpu_ms_per_mail", "CPU ms a mail"),
        Metric("peak_mib", "peak memory, MiB"),
        Metric("missing", "mails missing", Aim("value", 0)),
        Metric("repeated", "webhooks repeated", Aim("value", 0)),
    ]
