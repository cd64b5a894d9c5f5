"""The endpoint answers 500 for a while from the first try on, and then well: what comes in the end,
and how soon?"""

from __future__ import annotations

import contextlib

from benchmarks.figures import Aim, Measurement, Metric, Run
from benchmarks.mails import Kind, make
from benchmarks.scale import Scale
from benchmarks.world import Lane, Stock, World

# Between two tries while the endpoint is out of order there may be minutes.
STALL = 400.0
METRICS = [
    Metric("missing", "mails lost", Aim("value", 0), True),
    Metric("repeated", "webhooks repeated", Aim("value", 0)),
    Metric("refused", "tries in vain"),
    Metric("first_after_s", "seconds from its return to the first webhook"),
    Metric("all_after_s", "seconds from its return to the last webhook", headline=True),
]


def measure(world: World, scale: Scale, name: str) -> Measurement:
    """Both side by side, each with an endpoint of its own."""
    lanes = list(world.lanes.values())
    with (
        world.stock(make(scale.waiting, Kind(), name)) as stock,
        contextlib.ExitStack() as stack,
    ):
        running = {}
        for lane in lanes:
            lane.begin(out_of_order=scale.outage)
            lane.fill(stock)
            running[lane.subject] = stack.enter_context(lane.running())
        for lane in lanes:
            lane.wait_all(running[lane.subject], STALL)
        runs = [_run(lane, stock, scale.outage) for lane in lanes]
    title = f"{scale.waiting} mails, an endpoint out of order for {scale.outage:g} s"
    return Measurement(name, title, METRICS, runs)


def _run(lane: Lane, stock: Stock, outage: float) -> Run:
    posts = lane.receiver.posts()
    accepted = [post for post in posts if post.accepted]
    returns = posts[0].time + outage if posts else 0.0
    times = [post.time - returns for post in accepted] or [0.0]
    figures = {
        "missing": len(set(stock.links) - {post.token for post in accepted if post.right}),
        "repeated": len(accepted) - len({post.token for post in accepted}),
        "refused": len(posts) - len(accepted),
        "first_after_s": min(times),
        "all_after_s": max(times),
    }
    return Run(lane.subject, figures)
