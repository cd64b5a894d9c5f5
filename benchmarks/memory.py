"""Memory over time, while mails with large attachments come and small ones between them."""

from __future__ import annotations

import contextlib
import statistics
import time
from itertools import islice

from benchmarks.figures import Aim, Measurement, Metric, Run, Series
from benchmarks.mails import Kind, make
from benchmarks.processes import Subject
from benchmarks.scale import Scale
from benchmarks.world import Lane, World

STALL = 60.0
SMALL_BETWEEN = 5
METRICS = [
    Metric("peak_mib", "peak memory, MiB", Aim("value", 110), True),
    Metric("at_rest_mib", "memory before the first mail, MiB"),
    Metric("growth_mib", "growth from the first third to the last, MiB"),
    Metric("missing", "mails missing", Aim("value", 0)),
]


def measure(world: World, scale: Scale, name: str) -> Measurement:
    """Both side by side: memory takes no time from the other."""
    lanes = list(world.lanes.values())
    heavy = make(scale.heavy, Kind(1, 1, (scale.heavy_mb, scale.heavy_mb)), f"{name} heavy")
    small = make(scale.heavy * SMALL_BETWEEN, Kind(), f"{name} small")
    with contextlib.ExitStack() as stack:
        running: dict[str, Subject] = {}
        for lane in lanes:
            lane.begin()
            running[lane.subject] = stack.enter_context(lane.running())
        for lane in lanes:
            lane.wait_ready(running[lane.subject])
        time.sleep(1)
        at_rest = {lane.subject: running[lane.subject].costs.series[-1] for lane in lanes}
        for mail in heavy:
            mails = [mail, *islice(small, SMALL_BETWEEN)]
            for lane in lanes:
                lane.receiver.expect({each.token: each.link for each in mails})
                lane.mailbox.server.drop(lane.mailbox.user, [each.raw for each in mails])
            time.sleep(scale.heavy_every)
        for lane in lanes:
            lane.wait_all(running[lane.subject], STALL)
        runs = [_run(lane, running[lane.subject], *at_rest[lane.subject]) for lane in lanes]
    title = f"{scale.heavy} mails with {scale.heavy_mb:g} MB attached pass"
    return Measurement(name, title, METRICS, runs)


def _run(lane: Lane, running: Subject, began: float, at_rest: float) -> Run:
    busy = [value for at, value in running.costs.series if at >= began]
    third = max(1, len(busy) // 3)
    figures = {
        "peak_mib": running.costs.peak_mib,
        "at_rest_mib": at_rest,
        "growth_mib": statistics.median(busy[-third:]) - statistics.median(busy[:third]),
        "missing": lane.receiver.missing(),
    }
    return Run(lane.subject, figures, each_second(running.costs.series))


def each_second(series: Series) -> Series:
    """The most of each second."""
    most: dict[int, float] = {}
    for at, value in series:
        most[int(at)] = max(most.get(int(at), 0.0), value)
    return [(float(second), round(value, 1)) for second, value in sorted(most.items())]
