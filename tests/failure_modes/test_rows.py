"""Every failure mode that can be brought about on one machine has its test, and its cure is
known."""

from __future__ import annotations

import pytest

from tests.environment import ROOT
from tests.failure_modes.cure_list import CURES, Edit
from tests.failure_modes.cures import tests_by_row as by_row

ROWS = set(range(1, 53))


def test_every_failure_mode_has_its_test() -> None:
    assert set(by_row()) == ROWS


def test_every_failure_mode_has_a_cure_that_can_be_taken_out() -> None:
    assert {row for cure in CURES for row in cure.rows} >= set(by_row())


@pytest.mark.parametrize(
    "edit", [edit for cure in CURES for edit in cure.edits], ids=lambda edit: edit.path
)
def test_what_is_taken_out_stands_in_the_code_once(edit: Edit) -> None:
    assert (ROOT / edit.path).read_text(encoding="utf-8").count(edit.text) == 1
    assert edit.without != edit.text
