"""Tells what was measured: `python -m benchmarks.report RESULTS.json` prints all of it, and with
`--readme` writes the table and the picture of the README."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks import picture
from benchmarks.figures import RAW, RELAY, Aim, Measurement, Metric, Spread
from benchmarks.processes import ROOT

README = ROOT / "README.md"
PICTURE = "docs/images/benchmarks.svg"
# What stands between them is written anew.
PLACE = re.compile(r"(?<=<!-- benchmarks -->\n).*?(?=<!-- end of benchmarks -->)", re.DOTALL)
AIMS = {"ratio": " times the raw limit", "behind": " more than the raw limit", "value": ""}
WIDTHS = "{:1} {:46} {:>26} {:>26} {:>22}"


def text(measurement: Measurement) -> str:
    """Medians, with the least and the most in brackets; ! before what misses its aim."""
    lines = [measurement.title]
    if measurement.values(RAW, measurement.metrics[0].key):
        lines.append(WIDTHS.format("", "", RELAY, RAW, "beside it").rstrip())
    for metric in measurement.metrics:
        cells = _cells(measurement, metric)
        judged = measurement.judged(metric)
        missed = "!" if judged and not judged[1] else ""
        aim = f"  {_aim(metric.aim)}" if metric.aim else ""
        lines.append((WIDTHS.format(missed, metric.title, *cells) + aim).rstrip())
    return "\n".join(lines) + "\n"


def table(measurements: list[Measurement]) -> str:
    """The headlines, in Markdown."""
    rows = ["| | relay | raw limit | beside it | aim |", "|---|---|---|---|---|"]
    for measurement in measurements:
        rows.append(f"| **{measurement.title}** | | | | |")
        for metric in measurement.metrics:
            if metric.headline:
                aim = _aim(metric.aim) if metric.aim else ""
                rows.append(f"| {' | '.join([metric.title, *_cells(measurement, metric), aim])} |")
    return "\n".join(rows)


def readme(results: dict[str, Any]) -> str:
    """The part of the README."""
    machine = results["machine"]
    place = f"{machine['cores']} cores ({machine['system']}, Python {machine['python']})"
    measurements = _measurements(results)
    return f"""## How fast it is

Beside the *raw limit*: the least code that fetches mails and posts them, without durability.
Medians of {results["runs"]} runs of each drain, made in turn; in brackets the least and the most.
Mail server, endpoint and relay shared {place}.
`make bench` measures it on yours: [Benchmarks](docs/development.md#benchmarks).

![How near the relay comes to the raw limit.]({PICTURE})

{table(measurements)}

"""


def write_readme(results: dict[str, Any], root: Path) -> None:
    page = root / README.name
    before = page.read_text(encoding="utf-8")
    after, found = PLACE.subn(lambda _: readme(results), before)
    if not found:
        raise SystemExit(f"{page} has no place for it: <!-- benchmarks -->")
    page.write_text(after, encoding="utf-8")
    (root / PICTURE).write_text(picture.drawn(_measurements(results)), encoding="utf-8")


def _cells(measurement: Measurement, metric: Metric) -> list[str]:
    """Relay, raw limit, and the one beside the other: a difference if the aim is about that."""
    key = metric.key
    cells = [_spread(measurement.spread(subject, key)) for subject in (RELAY, RAW)]
    if metric.aim and metric.aim.of == "behind":
        return [*cells, _spread(measurement.behind(key), "+")]
    return [*cells, _spread(measurement.ratio(key), "×")]


def _spread(spread: Spread | None, sign: str = "") -> str:
    if spread is None:
        return ""
    middle, least, most = map(number, (spread.median, spread.least, spread.most))
    middle = f"{'' if spread.median < 0 else sign}{middle}"
    return middle if least == most else f"{middle} ({least}–{most})"


def number(value: float) -> str:
    """Three digits that say something, and a space between thousands."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def _aim(aim: Aim) -> str:
    if not aim.limit:
        return "none"
    bound = "at least" if aim.at_least else "at most"
    return f"{bound} {number(aim.limit)}{AIMS[aim.of]}"


def _measurements(results: dict[str, Any]) -> list[Measurement]:
    return [Measurement.from_json(each) for each in results["measurements"]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    results = json.loads(options.results.read_text(encoding="utf-8"))
    if options.readme:
        write_readme(results, ROOT)
        return
    sys.stdout.write("\n".join(text(each) for each in _measurements(results)))


if __name__ == "__main__":
    main()
