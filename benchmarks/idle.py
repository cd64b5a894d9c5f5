"""Unread mails of other senders lie in the mailbox, and nothing happens: what does that cost?

Both subjects wait side by side. The first look is told apart from the waiting.
"""

from __future__ import annotations

import contextlib
import time
from typing import NamedTuple

from benchmarks.figures import Aim, Measurement, Metric, Run
from benchmarks.mails import Kind, make
from benchmarks.processes import MIB, Subject
from benchmarks.scale import Scale
from benchmarks.world import Lane, World

ATTACHED = Kind(interesting=0.0, attached=0.05, megabytes=(1.0, 5.0))
METRICS = [
    Metric("bytes_per_hour", "IMAP bytes an hour", Aim("ratio", 1.5), True),
    Metric("commands_per_hour", "IMAP commands an hour"),
    Metric("cpu_seconds_per_hour", "CPU seconds an hour", headline=True),
    Metric("first_look_mib", "first look, MiB"),
    Metric("peak_mib", "peak memory, MiB"),
]


class Spent(NamedTuple):
    traffic: int
    commands: int
    cpu_seconds: float

    @classmethod
    def by(cls, lane: Lane, running: Subject) -> Spent:
        commands = sum(lane.wire.commands().values())
        return cls(lane.wire.traffic(), commands, running.costs.cpu_seconds)


def measure(world: World, scale: Scale, name: str) -> Measurement:
    lanes = list(world.lanes.values())
    with (
        world.stock(make(scale.uninteresting, ATTACHED, name)) as stock,
        contextlib.ExitStack() as stack,
    ):
        running: dict[str, Subject] = {}
        for lane in lanes:
            lane.begin()
            lane.fill(stock)
            running[lane.subject] = stack.enter_context(lane.running())
        for lane in lanes:
            lane.wait_ready(running[lane.subject])
        time.sleep(scale.settle)
        before = {lane.subject: Spent.by(lane, running[lane.subject]) for lane in lanes}
        time.sleep(scale.idle)
        runs = [
            _run(lane, running[lane.subject], before[lane.subject], scale.idle / 3600)
            for lane in lanes
        ]
    title = f"{scale.uninteresting} unread mails of others, nothing happens"
    return Measurement(name, title, METRICS, runs)


def _run(lane: Lane, running: Subject, before: Spent, hours: float) -> Run:
    after = Spent.by(lane, running)
    figures = {
        "bytes_per_hour": (after.traffic - before.traffic) / hours,
        "commands_per_hour": (after.commands - before.commands) / hours,
        "cpu_seconds_per_hour": (after.cpu_seconds - before.cpu_seconds) / hours,
        "first_look_mib": before.traffic / MIB,
        "peak_mib": running.costs.peak_mib,
    }
    return Run(lane.subject, figures)
