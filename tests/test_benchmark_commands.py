"""What the commands that measure say to who types something wrong, or lacks something."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks.needs import Server, missing
from tests.environment import ROOT, child_environment

ABSENT = Server(lambda: None, "Real Thing is missing: install thing.")
HERE = Server(lambda: "/usr/bin/other", "")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=ROOT, env=child_environment(folder), capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("benchmarks nonsense", "there is no measurement nonsense; there are drain-small"),
        ("benchmarks --runs none", "a whole number above 0 is wanted, not 'none'"),
        ("benchmarks --out /", "/ is a folder"),
        ("benchmarks.growth 10 20", "unrecognized arguments: 20"),
        ("benchmarks.growth many", "a whole number above 0 is wanted, not 'many'"),
        ("benchmarks.growth 0", "a whole number above 0 is wanted, not '0'"),
        ("benchmarks.dashboard 10 20", "RECENT are some of ROWS"),
        ("benchmarks.journal -3", "a whole number above 0 is wanted, not '-3'"),
        ("benchmarks.deliveries --count 0", "a whole number above 0 is wanted, not '0'"),
        ("benchmarks.report nowhere.json", "nowhere.json cannot be read: No such file"),
        ("benchmarks.report README.md", "README.md is no file of results"),
        ("benchmarks.report", "the following arguments are required: RESULTS.json"),
    ],
)
def test_wrong_words_are_answered_by_a_sentence(command: str, says: str, tmp_path: Path) -> None:
    done = run(tmp_path, *command.split())
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_the_figures_is_no_file_of_results(tmp_path: Path) -> None:
    for number, content in enumerate(({}, [], {"measurements": [{}]}, {"measurements": []})):
        page = tmp_path / f"{number}.json"
        page.write_text(json.dumps(content))
        done = run(tmp_path, "benchmarks.report", str(page))
        assert (done.returncode, "is no file of results" in done.stderr) == (2, True)


def test_what_grows_is_told_under_a_heading_with_its_unit(tmp_path: Path) -> None:
    lines = run(tmp_path, "benchmarks.growth", "20").stdout.splitlines()
    assert lines[1].split() == ["20", "deliveries", "in", "SQLite", "ms"]
    headings = [line.split() for line in lines if line.startswith("turn")]
    assert [head[:4] + head[-1:] for head in headings[::2]] == [
        ["turn", "1", "of", "3,", "ms"],
        ["turn", "3", "of", "3,", "ms"],
    ]


def test_what_is_missing_is_said_and_what_does_without() -> None:
    needs = {"drain": (ABSENT, HERE), "idle": (ABSENT,), "journal": (), "other": (HERE,)}
    assert missing([*needs], needs) == [
        ABSENT.how,
        "  Left out without it: drain, idle.",
        '  Measured, for they do without: journal, other (make bench ONLY="journal other").',
    ]
    assert missing(["idle"], needs) == [ABSENT.how, "  Left out without it: idle."]
    assert missing(["journal", "other"], needs) == []


def test_every_measurement_says_what_it_needs() -> None:
    assert [*bench.NEEDS] == [*bench.BESIDE, *bench.ALONE]


def test_nothing_that_lacks_its_server_is_begun(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(bench.NEEDS, "latency", (ABSENT,))
    with pytest.raises(SystemExit, match="Nothing was measured"):
        bench.main(["latency", "--out", str(tmp_path / "out.json")])
    assert capsys.readouterr().err.splitlines()[0] == ABSENT.how
