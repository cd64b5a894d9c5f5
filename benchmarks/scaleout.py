"""More processes on one PostgreSQL and Redis: how fast, how evenly, and how soon others take over
when one of them is killed, asked to stop, or joins them.

Mails wait in every mailbox when the processes start. Seconds are from the start of the first of
them, those of a takeover from the signal. All of it on one machine, as everything else it takes:
a process that is killed is known to be dead there, and its locks need not lapse.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple

from benchmarks.crew import Crew
from benchmarks.estate import STALL, Estate, estate
from benchmarks.figures import RELAY, Aim, Measurement, Metric, Run
from benchmarks.numbers import processes
from benchmarks.processes import Process
from benchmarks.remote import Post
from benchmarks.scale import Scale

# In which each mailbox of the process that is to go gets a mail.
BEFORE = 2.0
NOTHING = Aim("value", 0)
# Of each number of processes; the latter of two or more.
ROWS = [
    Metric("mails_per_second", "webhooks a second, first to last", headline=True),
    Metric("held_s", "all mailboxes held after, s"),
    Metric("drained_s", "last webhook after, s"),
    Metric("even_s", "mailboxes shared evenly after, s"),
    Metric("held_least", "mailboxes of a process, at least"),
    Metric("held_most", "mailboxes of a process, at most"),
    Metric("sent_least", "webhooks of a process, at least"),
    Metric("sent_most", "webhooks of a process, at most"),
    Metric("first_median_s", "first webhook of a mailbox after, median, s"),
    Metric("first_slowest_s", "first webhook of a mailbox after, slowest, s"),
    Metric("last_median_s", "last webhook of a mailbox after, median, s"),
    Metric("mailbox_spread", "slowest mailbox, as a multiple of the median"),
    Metric("endpoint_spread", "slowest endpoint, as a multiple of the median"),
    Metric("peak_mib", "peak memory of a process, at most, MiB"),
    Metric("cpu_s", "CPU seconds of all until the last webhook"),
    Metric("cpu_most_s", "CPU seconds of a process until then, at most"),
    Metric("quiet_cpu", "CPU of all while nothing happens, % of a core"),
    Metric("missing", "mails missing", NOTHING),
    Metric("repeated", "webhooks repeated", NOTHING),
    Metric("astray", "webhooks to a wrong endpoint", NOTHING),
]
TAKEOVER_ROWS = [
    Metric("kill_first_s", "kill -9: first mailbox read again after, s"),
    Metric("kill_last_s", "kill -9: last mailbox read again after, s", headline=True),
    Metric("kill_repeated", "kill -9: webhooks repeated"),
    Metric("joined_s", "a process that joins has its share after, s"),
    Metric("stop_first_s", "SIGTERM: first mailbox read again after, s"),
    Metric("stop_last_s", "SIGTERM: last mailbox read again after, s", headline=True),
    Metric("stop_repeated", "SIGTERM: webhooks repeated", NOTHING),
    Metric("other_ids", "repeats with another webhook-id", NOTHING),
]
Figures = dict[str, float]


def measure(scale: Scale, name: str) -> Measurement:
    figures: Figures = {}
    with estate() as place:
        for count in scale.fleet:
            found = _round(place, scale, count)
            figures |= {f"{key}_by_{count}": value for key, value in found.items()}
    metrics = [metric for count in scale.fleet for metric in _metrics(scale, count)]
    title = (
        f"{scale.mailboxes} mailboxes with {scale.each} mails each, {scale.endpoints} endpoints, "
        "on one PostgreSQL and Redis"
    )
    return Measurement(name, title, metrics, [Run(RELAY, figures)])


def _metrics(scale: Scale, count: int) -> Iterator[Metric]:
    """The headlines of a takeover are those of the most processes alone."""
    rows = ROWS if count == 1 else [*ROWS, *TAKEOVER_ROWS]
    for row in rows:
        yield replace(
            row,
            key=f"{row.key}_by_{count}",
            title=f"{row.title}, {processes(count)}",
            headline=row.headline and (row in ROWS or count == max(scale.fleet)),
        )


def _round(place: Estate, scale: Scale, count: int) -> Figures:
    place.begin(scale.mailboxes, scale.endpoints)
    with ExitStack() as stack:
        crew = Crew(place, stack.enter_context(place.redis.client()))
        stack.callback(crew.stop)
        figures = _drain(place, crew, scale, count)
        if count > 1:
            figures |= _takeovers(place, crew)
    return figures


def _drain(place: Estate, crew: Crew, scale: Scale, count: int) -> Figures:
    tokens = [token for name in place.names for token in place.drop(name, scale.each)]
    began = crew.join(count)
    moments: dict[str, float] = {}
    cpu: list[float] = []
    awaited = {"held": crew.all_held, "even": crew.even, "drained": place.done}

    def all_came() -> bool:
        for what, holds in awaited.items():
            if what not in moments and holds():
                moments[what] = time.monotonic() - began
                if what == "drained":
                    cpu.extend(spent.cpu_seconds for spent in crew.spent())
        return awaited.keys() <= moments.keys()

    crew.until("that all is held, evenly, and sent", all_came)
    # Who has sent it writes so a moment after the answer.
    crew.until("that the logs tell of all", lambda: sum(crew.sent()) >= len(tokens))
    sent, held, posts = crew.sent(), crew.counts(), place.accepted(tokens)
    return {
        "held_s": min(moments["held"], moments["even"]),  # they are asked one after the other
        "even_s": moments["even"],
        "held_least": min(held),
        "held_most": max(held),
        "sent_least": min(sent),
        "sent_most": max(sent),
        **_pace(place, posts, began),
        "cpu_s": sum(cpu),
        "cpu_most_s": max(cpu),
        "quiet_cpu": _quiet_cpu(crew, scale.quiet),
        "peak_mib": max(spent.peak_mib for spent in crew.spent()),
        "missing": len(set(tokens) - {post.token for post in posts}),
        "repeated": _repeated(posts),
        "astray": place.astray(posts),
    }


def _pace(place: Estate, posts: Sequence[Post], began: float) -> Figures:
    times = [post.time - began for post in posts] or [0.0]
    of_mailboxes = _ends((place.tokens[post.token], post.time - began) for post in posts)
    of_endpoints = _ends((post.path, post.time - began) for post in posts)
    firsts = [first for first, _ in of_mailboxes]
    lasts = [last for _, last in of_mailboxes]
    span = max(times) - min(times)
    return {
        "mails_per_second": (len(times) - 1) / span if span else 0.0,
        "drained_s": max(times),
        "first_median_s": statistics.median(firsts),
        "first_slowest_s": max(firsts),
        "last_median_s": statistics.median(lasts),
        "mailbox_spread": _spread(lasts),
        "endpoint_spread": _spread([last for _, last in of_endpoints]),
    }


def _ends(moments: Iterable[tuple[str, float]]) -> list[tuple[float, float]]:
    """The first and the last of each name."""
    of = defaultdict(list)
    for name, moment in moments:
        of[name].append(moment)
    return [(min(found), max(found)) for found in of.values()] or [(0.0, 0.0)]


def _spread(values: Sequence[float]) -> float:
    median = statistics.median(values)
    return max(values) / median if median else 0.0


def _quiet_cpu(crew: Crew, seconds: float) -> float:
    """Once the last marks are made."""
    time.sleep(seconds / 2)
    before = sum(spent.cpu_seconds for spent in crew.spent())
    time.sleep(seconds)
    return 100 * (sum(spent.cpu_seconds for spent in crew.spent()) - before) / seconds


def _takeovers(place: Estate, crew: Crew) -> Figures:
    killed = _takeover(place, crew, crew.kill)
    began = crew.join(1)
    joined = crew.until("that the new one has its share", crew.even) - began
    stopped = _takeover(place, crew, crew.dismiss)
    posts = [*killed.posts, *stopped.posts]
    ids = {(post.token, post.webhook_id) for post in posts}
    return {
        "kill_first_s": killed.first,
        "kill_last_s": killed.last,
        "kill_repeated": _repeated(killed.posts),
        "joined_s": joined,
        "stop_first_s": stopped.first,
        "stop_last_s": stopped.last,
        "stop_repeated": _repeated(stopped.posts),
        "other_ids": len(ids) - len({token for token, _ in ids}),
    }


class Takeover(NamedTuple):
    """Seconds until the first and the last mailbox of who went was read again."""

    first: float
    last: float
    posts: list[Post]


def _takeover(place: Estate, crew: Crew, part: Callable[[Process], None]) -> Takeover:
    """Mails come to the mailboxes of the oldest process before it goes, and one to each after."""
    process = crew.running[0]
    names = crew.holdings()[process.pid]
    before = []
    for name in names:
        before += place.drop(name)
        time.sleep(BEFORE / len(names))
    part(process)
    gone = time.monotonic()
    after = [token for name in names for token in place.drop(name)]
    place.wait_all()
    process.stop()
    posts = place.accepted([*before, *after])
    first = {post.token: post.time - gone for post in reversed(posts)}
    waits = [first.get(token, STALL) for token in after]
    return Takeover(min(waits), max(waits), posts)


def _repeated(posts: Sequence[Post]) -> int:
    return len(posts) - len({post.token for post in posts})
