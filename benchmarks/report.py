"""Tells what was measured: `python -m benchmarks.report RESULTS.json` prints all of it, and with
`--readme` writes the tables and the pictures of the README and of docs/scaling.md."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import columns, picture, scaleout_picture
from benchmarks.aims import verdict, wanted
from benchmarks.figures import RAW, RELAY, Measurement, Metric
from benchmarks.numbers import spread_text
from benchmarks.processes import ROOT

README = "README.md"
PICTURE = "docs/images/benchmarks.svg"
SCALING = "docs/scaling.md"
SCALING_PICTURE = "docs/images/scale-out.svg"
SCALE_OUT = "scale-out"
WIDTHS = "{:1} {:46} {:>26} {:>26} {:>22}"


def text(measurement: Measurement) -> str:
    """Medians, with the least and the most in brackets; ! before what misses its aim."""
    if columns.is_for(measurement):
        return columns.text(measurement)
    lines = [measurement.title]
    if measurement.values(RAW, measurement.metrics[0].key):
        lines.append(WIDTHS.format("", "", RELAY, RAW, "beside it").rstrip())
    for metric in measurement.metrics:
        cells = _cells(measurement, metric)
        judged = measurement.judged(metric)
        missed = "!" if judged and not judged[1] else ""
        aim = f"  {wanted(metric.aim)}" if metric.aim else ""
        lines.append((WIDTHS.format(missed, metric.title, *cells) + aim).rstrip())
    return "\n".join(lines) + "\n"


LEGEND = (
    "raw limit: the least code that fetches and posts, without durability, in the same run\n"
    "beside it: the relay as a multiple of that (or how much behind it)\n"
    "(least-most) of all runs; an ! before what misses its aim"
)


def table(measurements: list[Measurement]) -> str:
    """The headlines, in Markdown."""
    rows = ["| | relay | raw limit | beside it | aim |", "|---|---|---|---|---|"]
    for measurement in measurements:
        title = f"**{measurement.title}**: "
        for metric in measurement.metrics:
            if metric.headline:
                cells = [*_cells(measurement, metric), _judged_aim(measurement, metric)]
                rows.append(f"| {title}{' | '.join([metric.title, *cells])} |")
                title = ""
    return "\n".join(rows)


def readme(results: dict[str, Any]) -> str:
    """The part of the README."""
    return f"""## How fast it is

Beside the *raw limit*: the least code that fetches mails and posts them, without durability.
What misses its aim, and why, is told with the [benchmarks](docs/development.md#benchmarks). Of each
latency half a second is that of Dovecot, which tells of a mail that late.
Medians of {results["runs"]} runs of each drain, made in turn; in brackets the least and the most.
Mail server, endpoint and relay shared {_machine(results)}.
`make bench` measures it on yours.

![How near the relay comes to the raw limit.]({PICTURE})

{table([each for each in _measurements(results) if each.name != SCALE_OUT])}

"""


def scaling(results: dict[str, Any], measurement: Measurement) -> str:
    """The part of docs/scaling.md."""
    return f"""
{measurement.title}. Mail server, database, Redis, receiver and relay shared {_machine(results)}.

![How fast so many processes are, and how soon they take over.](images/scale-out.svg)

{columns.markdown(measurement)}

"""


def write_readme(results: dict[str, Any], root: Path) -> None:
    """What was not measured stays as it was."""
    named = {each.name: each for each in _measurements(results)}
    if measurement := named.pop(SCALE_OUT, None):
        _write(root / SCALING, "scale-out", scaling(results, measurement))
        drawn = scaleout_picture.drawn(measurement, _small_print(results, [measurement]))
        (root / SCALING_PICTURE).write_text(drawn, encoding="utf-8")
    if named:
        _write(root / README, "benchmarks", readme(results))
        drawn = picture.drawn(list(named.values()), _small_print(results, named.values()))
        (root / PICTURE).write_text(drawn, encoding="utf-8")


def _write(page: Path, name: str, part: str) -> None:
    """What stands between its two marks is written anew."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    place = re.compile(rf"(?<={begin}\n).*?(?={end})", re.DOTALL)
    after, found = place.subn(lambda _: part, page.read_text(encoding="utf-8"))
    if not found:
        raise SystemExit(f"{page} has no place for it: {begin}")
    page.write_text(after, encoding="utf-8")


def _machine(results: dict[str, Any]) -> str:
    machine = results["machine"]
    return f"{machine['cores']} cores ({machine['system']}, Python {machine['python']})"


def _small_print(results: dict[str, Any], measurements: Iterable[Measurement]) -> str:
    """Which scale it is, how often it was run, and where."""
    runs = max(sum(run.subject == RELAY for run in each.runs) for each in measurements)
    often = "one run" if runs == 1 else f"{runs} runs of each drain"
    return f"Scale “{results['scale']}”, {often}, on {_machine(results)}."


def _cells(measurement: Measurement, metric: Metric) -> list[str]:
    """Relay, raw limit, and the one beside the other: a difference if the aim is about that."""
    key = metric.key
    cells = [spread_text(measurement.spread(subject, key)) for subject in (RELAY, RAW)]
    if metric.aim and metric.aim.of == "behind":
        return [*cells, spread_text(measurement.behind(key), "+")]
    return [*cells, spread_text(measurement.ratio(key), "×")]


def _judged_aim(measurement: Measurement, metric: Metric) -> str:
    judged = measurement.judged(metric)
    if metric.aim is None:
        return ""
    return wanted(metric.aim) + (", **missed**" if judged and not judged[1] else "")


def _measurements(results: dict[str, Any]) -> list[Measurement]:
    return [Measurement.from_json(each) for each in results["measurements"]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("results", metavar="RESULTS.json", type=_results)
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    if options.readme:
        write_readme(options.results, ROOT)
        return
    measurements = _measurements(options.results)
    told = [*map(text, measurements), verdict(measurements)]
    sys.stdout.write("\n".join(told) + "\n")


def _results(name: str) -> dict[str, Any]:
    """What `make bench OUT=…` wrote into this file."""
    try:
        results: dict[str, Any] = json.loads(Path(name).read_text(encoding="utf-8"))
        _ = [*_measurements(results), _machine(results), results["scale"], results["runs"]]
    except OSError as exc:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {exc.strerror}") from exc
    except (ValueError, TypeError, LookupError) as exc:
        said = f"{name} is no file of results, as `make bench OUT=…` writes one"
        raise argparse.ArgumentTypeError(said) from exc
    return results


if __name__ == "__main__":
    main()
