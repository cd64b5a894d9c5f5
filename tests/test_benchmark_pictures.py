"""The pictures of the benchmarks say how to read them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import picture, report, scaleout_picture
from benchmarks.figures import RAW, RELAY, Aim, Measurement, Metric, Run
from tests.measured import results


def test_the_bar_of_a_process_alone_is_as_long_as_what_it_sent() -> None:
    figures = {f"sent_{kind}_by_1": 2000.0 for kind in ("least", "most")}
    figures |= {"sent_least_by_2": 500.0, "sent_most_by_2": 1500.0}
    metrics = [Metric(key, f"sent, {key[-1]} processes") for key in figures]
    found = Measurement("scale-out", "Many mailboxes", metrics, [Run(RELAY, figures)])
    drawn = ElementTree.fromstring(scaleout_picture.drawn(found, "on 2 cores"))  # noqa: S314  # ours

    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert {"2 000", "500 – 1 500", "on 2 cores"} <= set(texts)
    bars = [element for element in drawn.iter() if element.tag.endswith("rect")]
    parts = [float(each.get("width", 0)) / float(bars[0].get("width", 1)) for each in bars]
    assert [each.get("class") for each in bars] == [
        "track", "relay", "track", "relay some", "relay",
    ]  # fmt: skip
    assert parts == pytest.approx([1, 1, 1, 0.75, 0.25], abs=0.001)


def test_the_picture_says_what_of_a_latency_is_the_mail_servers() -> None:
    runs = [Run(who, {"p50_ms": 520.0}, [(0.5, 510.0), (1.0, 530.0)]) for who in (RAW, RELAY)]
    latency = Measurement("latency", "Some mails", [Metric("p50_ms", "median, ms")], runs)
    drawn = picture.drawn([latency], "")
    assert "500 ms of each are Dovecot&#x27;s" in drawn
    grey = re.search(r'width="([0-9.]+)" height="150.0"', drawn)
    axis = re.search(r'x1="60.0" y1="[0-9.]+" x2="([0-9.]+)"', drawn)
    assert grey and axis
    assert float(grey[1]) == pytest.approx((float(axis[1]) - 60) * 500 / 600, abs=0.1)


def test_the_picture_shows_each_drain_beside_its_aim(tmp_path: Path) -> None:
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / "README.md").write_text("<!-- benchmarks -->\n<!-- end of benchmarks -->\n")
    figures = {"mails_per_second": 10.0}
    metrics = [Metric("mails_per_second", "mails a second", Aim("ratio", 0.6, at_least=True))]
    runs = [Run(RAW, {"mails_per_second": 40.0}), Run(RELAY, figures)]
    drain = Measurement("drain-small", "Many <mails>", metrics, runs)

    report.write_readme(results(drain), tmp_path)

    drawn = ElementTree.parse(tmp_path / report.PICTURE)  # noqa: S314  # just written by us
    texts = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert {"Many <mails>", "×0.25", "half of it", "the raw limit"} <= set(texts)
    assert {"Scale “quick”, one run, on 2 cores (Linux 6, Python 3.11.7)."} <= set(texts)
    assert any("thin line: from the least to the most" in str(each) for each in texts)
    widths = [float(e.get("width", 0)) for e in drawn.iter() if e.tag.endswith("rect")]
    assert widths[1] == pytest.approx(widths[0] * 0.25, abs=0.1)
