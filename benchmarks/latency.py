"""One mail arrives in a quiet mailbox: how long until its webhook?

From the OK of the mail server to the arrival of the POST. Both subjects wait side by side, each
before a mailbox of its own, and mails come to the one and the other in turn.
"""

from __future__ import annotations

import contextlib
import random
import statistics
import time

from benchmarks.figures import Aim, Measurement, Metric, Run
from benchmarks.mails import Kind, make
from benchmarks.scale import Scale
from benchmarks.world import Lane, World

STALL = 60.0
# From the first look into the mailbox until everything is quiet.
SETTLED = 1.0
METRICS = [
    Metric("p50_ms", "median, ms", Aim("behind", 25), True),
    Metric("p95_ms", "95th percentile, ms", Aim("behind", 60), True),
    Metric("most_ms", "longest, ms"),
    Metric("missing", "mails missing", Aim("value", 0)),
]


def measure(world: World, scale: Scale, name: str) -> Measurement:
    rng, lanes = random.Random(name), list(world.lanes.values())
    arrived: dict[str, dict[str, float]] = {lane.subject: {} for lane in lanes}
    with contextlib.ExitStack() as stack:
        running, clients = {}, {}
        for lane in lanes:
            lane.begin()
            running[lane.subject] = stack.enter_context(lane.running())
            lane.wait_ready(running[lane.subject])
            clients[lane.subject] = stack.enter_context(lane.mailbox.client())
        time.sleep(SETTLED)
        for number, mail in enumerate(make(scale.arrivals + 1, Kind(), name)):
            for lane in lanes:
                at = lane.deliver(clients[lane.subject], mail)
                if number:  # the first one warms up
                    arrived[lane.subject][mail.token] = at
                time.sleep(rng.uniform(*scale.gap))
        for lane in lanes:
            lane.wait_all(running[lane.subject], STALL)
        runs = [_run(lane, arrived[lane.subject]) for lane in lanes]
    return Measurement(name, f"{scale.arrivals} mails that arrive one by one", METRICS, runs)


def _run(lane: Lane, arrived: dict[str, float]) -> Run:
    """The series is of all that came, shortest first: its part of them, and the milliseconds."""
    first: dict[str, float] = {}
    for post in lane.receiver.posts():
        if post.accepted and post.token in arrived:
            first.setdefault(post.token, 1000 * (post.time - arrived[post.token]))
    waits = sorted(first.values()) or [0.0]
    figures = {
        "p50_ms": statistics.median(waits),
        "p95_ms": waits[min(len(waits) - 1, int(0.95 * len(waits)))],
        "most_ms": waits[-1],
        "missing": len(arrived) - len(first),
    }
    series = [((place + 1) / len(waits), wait) for place, wait in enumerate(waits)]
    return Run(lane.subject, figures, series)
