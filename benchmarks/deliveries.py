"""How many deliveries a second are queued and sent.

    python -m benchmarks.deliveries [--count 3000] [--processes 1] [--database sqlite|postgres]

Queueing is what the poller does for batches of 100 mails, in one transaction each. Sending is
done by real `runpoller` processes, without a mailbox, to an endpoint in a process of its own
that answers at once; what they send while they are still starting does not count. With several
processes it needs PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.arguments import positive
from benchmarks.databases import databases, environment, python
from benchmarks.figures import RELAY, Aim, Measurement, Metric, Run
from benchmarks.processes import ROOT
from benchmarks.scale import Scale

BATCH = 100
# Each takes half a minute.
MOST_RUNS = 2
# Part of the deliveries that is sent before it counts: not all processes have started.
WARM = 0.25
LIMIT = 600.0
ENDPOINT = """
import asyncio, sys
async def serve(reader, writer):
    try:
        while head := await reader.readuntil(b"\\r\\n\\r\\n"):
            size = next(int(line.split(b":")[1]) for line in head.split(b"\\r\\n")
                        if line.lower().startswith(b"content-length"))
            await reader.readexactly(size)
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""
QUEUE = """
import json, sys, time
import django
django.setup()
from datetime import UTC, datetime
from django.db import transaction
from django.utils import timezone
from configstore.declared import config_store
from webhooks import outbox
from webhooks.acceptance import Acceptance
from webhooks.messages import Message
count, batch = int(sys.argv[1]), int(sys.argv[2])
acceptance, begun = Acceptance(config_store()), time.monotonic()
for first in range(0, count, batch):
    messages = [
        Message(id=f"m{n}", source="default", subject=f"Lot {n}", sender="a@b.example",
                sender_email="a@b.example", sent="", received_at=timezone.now(), text="x" * 500,
                links=())
        for n in range(first, min(first + batch, count))
    ]
    rows = acceptance.deliveries(messages, timezone.now())
    with transaction.atomic():
        outbox.enqueue(rows)
print(time.monotonic() - begun)
"""
COUNTS = (
    "select count(*) from webhooks_delivery where state = 'delivered'",
    "select count(*) from webhooks_attempt",
)


class Figures(NamedTuple):
    queued_per_second: float
    sent_per_second: float
    delivered: int
    attempts: int


def measure(scale: Scale, name: str) -> Measurement:
    """With a PostgreSQL that commits as in production."""
    runs = []
    with databases("postgres") as fresh:
        for _ in range(min(scale.runs, MOST_RUNS)):
            figures = {}
            for processes in scale.processes:
                sent = send(scale.deliveries, processes, fresh())
                figures[f"sent_by_{processes}"] = sent.sent_per_second
                figures[f"repeated_by_{processes}"] = sent.attempts - sent.delivered
            runs.append(Run(RELAY, figures))
    metrics = []
    for processes in scale.processes:
        by = f"{processes} process{'es' if processes > 1 else ''}"
        metrics.append(Metric(f"sent_by_{processes}", f"deliveries a second, {by}", headline=True))
        metrics.append(Metric(f"repeated_by_{processes}", f"repeated, {by}", Aim("value", 0)))
    title = f"{scale.deliveries} deliveries in PostgreSQL"
    return Measurement(name, title, metrics, runs)


def send(count: int, processes: int, url: str) -> Figures:
    """url: of a database that is migrated and empty."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        endpoint = f"http://127.0.0.1:{stack.enter_context(_endpoint())}/hook"
        variables = environment(folder, url) | {"WEBHOOK_URL": endpoint}
        queued = float(python(variables, "-c", QUEUE, str(count), str(BATCH)))
        begun = first = time.monotonic()
        for _ in range(processes):
            stack.enter_context(_runpoller(variables))
        delivered = before = attempts = 0
        while delivered < count and time.monotonic() - begun < LIMIT:
            delivered, attempts = _counts(url)
            if delivered < count * WARM:
                first, before = time.monotonic(), delivered
            time.sleep(0.05)
        seconds = time.monotonic() - first
        return Figures(count / queued, (delivered - before) / seconds, delivered, attempts)


def _counts(url: str) -> list[int]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return [file.execute(query).fetchone()[0] for query in COUNTS]
    with psycopg.connect(url) as server:
        return [(server.execute(query).fetchone() or (0,))[0] for query in COUNTS]


@contextmanager
def _endpoint() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", ENDPOINT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def _runpoller(variables: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "manage.py", "runpoller"]
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.deliveries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=positive, default=3000)
    parser.add_argument("--processes", type=positive, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    options = parser.parse_args()
    with databases(options.database) as fresh:
        figures = send(options.count, options.processes, fresh())
    sys.stdout.write(json.dumps(figures._asdict(), indent=1) + "\n")


if __name__ == "__main__":
    main()
