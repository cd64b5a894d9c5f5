"""The benchmarks, with a few mails each: they find their figures, whatever these are."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import report
from benchmarks.__main__ import ALONE, BESIDE
from benchmarks.aims import verdict
from benchmarks.drain import DRAINS
from benchmarks.figures import RAW, RELAY, Aim, Measurement, Metric, Run
from benchmarks.scale import TINY
from tests.environment import ROOT, child_environment
from tests.measured import results
from tests.servers.dovecot import HOW as DOVECOT_HOW
from tests.servers.dovecot import dovecot_binary
from tests.servers.fixtures import missing
from tests.servers.postgres import HOW as POSTGRES_HOW
from tests.servers.postgres import postgres_folder
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import redis_binary

TOGETHER = [
    [*DRAINS], ["latency", "outage"], ["idle", "memory"], ["deliveries"], ["journal", "dashboard"],
    ["scale-out"],
]  # fmt: skip


def measured(names: list[str], folder: Path) -> list[Measurement]:
    out = folder / "results.json"
    command = [sys.executable, "-m", "benchmarks", "--scale", "tiny", "--out", str(out), *names]
    done = subprocess.run(
        command, cwd=ROOT, env=child_environment(folder), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(out.read_text())
    assert results["runs"] == TINY.runs
    found = [Measurement.from_json(each) for each in results["measurements"]]
    assert [report.text(each) for each in found if report.text(each) not in done.stdout] == []
    assert verdict(found) in done.stdout
    return found


def worked(run: Run) -> bool:
    """As little as it was."""
    found = run.figures
    asked = found["bytes_per_mail"] > 100 and found["mails_per_second"] * found["seconds"] > 1
    return asked and found["cpu_ms_per_mail"] > 0 and found["peak_mib"] > 10


def test_every_measurement_is_tried_here() -> None:
    assert [name for names in TOGETHER for name in names] == [
        *DRAINS, "latency", "outage", "idle", "memory", *ALONE,
    ]  # fmt: skip
    assert {name for names in TOGETHER for name in names} == {*BESIDE, *ALONE}


@pytest.mark.parametrize("names", TOGETHER, ids=" ".join)
def test_each_measurement_gives_its_figures(names: list[str], tmp_path: Path) -> None:
    dovecot_binary() or missing(DOVECOT_HOW)
    redis_binary() or missing(REDIS_HOW)
    postgres_folder() or missing(POSTGRES_HOW)

    found = measured(names, tmp_path)

    assert [each.name for each in found] == [name for name in (*BESIDE, *ALONE) if name in names]
    for each in found:
        subjects = [RAW, RELAY] if each.name in BESIDE else [RELAY]
        assert [run.subject for run in each.runs] == subjects
        for run in each.runs:
            assert run.figures.keys() == {metric.key for metric in each.metrics}
            assert all(math.isfinite(value) for value in run.figures.values())
            assert each.name not in DRAINS or worked(run)
        nothing = [metric.key for metric in each.metrics if metric.aim == Aim("value", 0)]
        assert [key for key in nothing if any(each.values(RELAY, key))] == []


def example() -> Measurement:
    """The relay at half the speed, and three times as large."""
    metrics = [
        Metric("speed", "mails a second", Aim("ratio", 0.6, at_least=True), headline=True),
        Metric("wait", "median, ms", Aim("behind", 25), headline=True),
        Metric("peak", "peak, MiB", Aim("value", 110), headline=True),
        Metric("other", "something else"),
    ]
    runs = []
    for speed in (800.0, 1000.0, 1200.0):
        figures = {"speed": speed, "wait": 500.0, "peak": 30.0, "other": 0.0}
        runs.append(Run(RAW, figures, [(0.0, 1.0), (1.0, 2.0)]))
        figures = {"speed": 500.0, "wait": 520.0, "peak": 90.0, "other": 7.0}
        runs.append(Run(RELAY, figures, [(0.0, 1.0), (1.0, 2.0)]))
    return Measurement("example", "Some mails", metrics, runs)


def test_medians_ratios_and_missed_aims_are_told() -> None:
    lines = [line.split() for line in report.text(example()).splitlines()]

    assert lines[2][:5] == ["!", "mails", "a", "second", "500"]
    assert lines[2][5:9] == ["1", "000", "(800–1", "200)"]
    assert lines[2][9:11] == ["×0.5", "(0.417–0.625)"]
    assert lines[3][:9] == ["median,", "ms", "520", "500", "+20", "at", "most", "25", "more"]
    assert lines[4] == ["peak,", "MiB", "90", "30", "×3", "at", "most", "110"]
    assert lines[5] == ["something", "else", "7", "0"]


def test_the_end_says_which_aims_are_missed() -> None:
    assert verdict([example()]).splitlines() == [
        "1 of 3 aims are missed:",
        "  example: mails a second: ×0.5, wanted: at least 0.6 times the raw limit",
    ]
    met = Measurement(
        "example", "Some", [Metric("a", "a", Aim("value", 1))], [Run(RELAY, {"a": 1})]
    )
    assert verdict([met]) == "No aim of 1 is missed."


def test_the_readme_gets_its_table_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    page = tmp_path / "README.md"
    page.write_text((ROOT / "README.md").read_text(encoding="utf-8"), encoding="utf-8")

    report.write_readme(results(example()), tmp_path)
    once = page.read_text(encoding="utf-8")
    report.write_readme(results(example()), tmp_path)

    assert page.read_text(encoding="utf-8") == once
    assert once.count("**: mails a second | 500 | 1 000 (800–1 200) | ×0.5 (0.417–0.625) |") == 1
    assert "something else" not in once


def of_processes() -> Measurement:
    """Two figures of one process, three of two."""
    figures = {"speed_by_1": 80.0, "speed_by_2": 75.0, "lost_by_1": 0.0, "lost_by_2": 1.0}
    figures |= {"kill_first_s_by_2": 0.6, "kill_last_s_by_2": 9.0}
    metrics = [
        Metric("speed_by_1", "speed, 1 process", headline=True),
        Metric("lost_by_1", "lost, 1 process", Aim("value", 0)),
        Metric("speed_by_2", "speed, 2 processes"),
        Metric("lost_by_2", "lost, 2 processes", Aim("value", 0)),
        Metric("kill_first_s_by_2", "the first, 2 processes"),
        Metric("kill_last_s_by_2", "the last, 2 processes"),
    ]
    return Measurement("scale-out", "Many mailboxes", metrics, [Run(RELAY, figures)])


def test_numbers_of_processes_are_columns() -> None:
    lines = [line.split() for line in report.text(of_processes()).splitlines()]

    assert lines[1] == ["1", "process", "2", "processes"]
    assert lines[2:] == [
        ["speed", "80", "75"],
        ["!", "lost", "0", "1"],
        ["the", "first", "0.6"],
        ["the", "last", "9"],
    ]


def test_the_scale_out_has_a_page_and_a_picture_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    page = tmp_path / report.SCALING
    page.write_text((ROOT / report.SCALING).read_text(encoding="utf-8"), encoding="utf-8")

    report.write_readme(results(of_processes()), tmp_path)
    once = page.read_text(encoding="utf-8")
    report.write_readme(results(of_processes()), tmp_path)

    assert page.read_text(encoding="utf-8") == once
    assert once.count("| | 1 process | 2 processes |\n|---|---|---|\n| speed | 80 | 75 |\n") == 1
    assert not (tmp_path / "README.md").exists()
    drawn = ElementTree.parse(tmp_path / report.SCALING_PICTURE)  # noqa: S314  # just written
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert "0.6 – 9" in texts
    widths = [float(e.get("width", 0)) for e in drawn.iter() if e.tag.endswith("rect")]
    assert widths[1] == pytest.approx(widths[0] * 0.84, abs=0.1)
