"""Measures the relay beside the raw limit: `python -m benchmarks` (`make bench`).

Without names everything is measured. What was found is printed, and written as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import deliveries, idle, latency, memory, outage, pages, report, scaleout
from benchmarks.aims import verdict
from benchmarks.arguments import positive
from benchmarks.drain import DRAINS
from benchmarks.figures import Measurement
from benchmarks.needs import DOVECOT, POSTGRES, REDIS, Server, lacking, missing
from benchmarks.processes import ROOT
from benchmarks.scale import SCALES, Scale
from benchmarks.world import World, world

BESIDE: dict[str, Callable[[World, Scale, str], Measurement]] = {
    **{name: drain.measure for name, drain in DRAINS.items()},
    "latency": latency.measure,
    "idle": idle.measure,
    "outage": outage.measure,
    "memory": memory.measure,
}
ALONE: dict[str, Callable[[Scale, str], Measurement]] = {
    "deliveries": deliveries.measure,
    "journal": pages.journal,
    "dashboard": pages.dashboard,
    "scale-out": scaleout.measure,
}
NEEDS: dict[str, Sequence[Server]] = {
    **dict.fromkeys(BESIDE, (DOVECOT, REDIS)),
    "deliveries": (POSTGRES,),
    "journal": (),
    "dashboard": (),
    "scale-out": (DOVECOT, REDIS, POSTGRES),
}


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    scale = SCALES[options.scale]
    scale = replace(scale, runs=options.runs or scale.runs)
    out = options.out or ROOT / "var" / "benchmarks" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    asked = [name for name in NEEDS if name in (options.name or NEEDS)]
    possible = [name for name in asked if not lacking(NEEDS[name])]
    warnings = missing(asked, NEEDS)
    sys.stderr.writelines(f"{line}\n" for line in warnings)
    if not possible:
        sys.exit("Nothing was measured.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped
    machine, measured = _machine(), list[Measurement]()
    _say(report.LEGEND)
    for measurement in _measured(possible, scale):
        measured.append(measurement)
        machine["load_after"] = os.getloadavg()[0]
        about = {"scale": options.scale, "runs": scale.runs, "machine": machine}
        found = [each.as_json() for each in measured]
        out.write_text(json.dumps({**about, "measurements": found}, indent=1) + "\n")
        _say(report.text(measurement))
    sys.stderr.writelines(f"{line}\n" for line in warnings)
    _say(verdict(measured))
    _say(f"All of it is in {out}.")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join([*BESIDE, *ALONE]))
    parser.add_argument("--scale", choices=SCALES, default="full")
    parser.add_argument("--runs", type=positive, help="of each drain")
    parser.add_argument("--out", type=Path, help="default: a new file in var/benchmarks")
    options = parser.parse_args(arguments)
    if unknown := set(options.name) - {*BESIDE, *ALONE}:
        known = ", ".join([*BESIDE, *ALONE])
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {known}")
    if options.out and options.out.is_dir():
        parser.error(f"{options.out} is a folder; --out names a file")
    return options


def _measured(names: list[str], scale: Scale) -> Iterator[Measurement]:
    with ExitStack() as stack:
        shared = stack.enter_context(world()) if {*names} & {*BESIDE} else None
        for name in [name for name in BESIDE if name in names]:
            assert shared is not None
            yield _timed(name, partial(BESIDE[name], shared, scale, name))
    for name in [name for name in ALONE if name in names]:
        yield _timed(name, partial(ALONE[name], scale, name))


def _timed(name: str, measure: Callable[[], Measurement]) -> Measurement:
    _say(f"{name} …")
    began = time.monotonic()
    measurement = measure()
    _say(f"  measured in {time.monotonic() - began:.0f} s")
    return measurement


def _machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_before": os.getloadavg()[0],
    }


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
