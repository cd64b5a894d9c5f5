"""What can go wrong, and where it is tried, is named in the documentation as in the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from polling.errors import Kind as Trouble
from polling.selection import Reason
from render_signal.doctor.examinations import KINDS
from runtime import faults
from tests.doc_pages import DOCS, PAGES, read, rows, section
from tests.environment import ROOT
from tests.sources import sources
from webhooks.alerts.trouble import Kind as Alert

GUIDE = read(DOCS / "operators-guide.md")
CHECK = re.compile(r"render_signal\.[WE]\d{3}")
PATH = re.compile(r"`((?:tests|docs|scripts|cloudflare|benchmarks)/[\w./-]+|[\w-]+\.(?:yaml|py))`")


def first_cells(text: str, heading: str) -> set[str]:
    return {cells[0].strip("`") for cells in rows(text, heading)}


def test_each_alert_has_its_cure() -> None:
    told = {kind.value for kind in Alert if kind is not Alert.TEST}
    assert first_cells(section(GUIDE, "### Alerts"), "kind") == told


def test_each_class_of_trouble_has_its_cure() -> None:
    health = section(GUIDE, "### What `/health` says")
    assert [kind.value for kind in Trouble if f"`{kind.value}`" not in health] == []


def test_each_reason_to_ignore_a_mail_names_the_setting() -> None:
    page = section(read(DOCS / "user-guide.md"), "## Which mails are relayed")
    assert first_cells(page, "reason") == {str(reason.label) for reason in Reason}


def test_each_system_check_is_described() -> None:
    code = {name for source in sources("render_signal", "webhooks", "polling", "configstore")
            for name in CHECK.findall(source.text)}  # fmt: skip
    assert code
    assert first_cells(GUIDE, "check") == code


def test_each_crash_point_is_in_the_table() -> None:
    page = section(read(DOCS / "architecture.md"), "## Crash points")
    assert [point for point in get_args(faults.Point) if f"`{point}`" not in page] == []


def test_each_examination_of_the_doctor_is_described() -> None:
    assert first_cells(GUIDE, "examination") == {*KINDS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_file_that_is_named_is_there(page: Path) -> None:
    lost = [
        name
        for name in PATH.findall(read(page))
        if not any((place / name).exists() for place in (ROOT, page.parent))
    ]
    assert lost == []
