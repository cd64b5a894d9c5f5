from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configstore.expressions import compiled


@pytest.mark.parametrize(
    "expression",
    [
        r"à faire pour (?P<delivery_time>\d{1,2}h(?:\d{2})?)",
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|" * 3 + "x",
        ".{0,9999}lot [(){9]{2}",
        r"\(\{9999999\}\[{3}",
        "(((((lot)))))+",
    ],
)
def test_what_people_write_is_compiled(expression: str) -> None:
    assert compiled(expression)


@pytest.mark.parametrize(
    "expression",
    ["a{3000000}", "((.{200}){200}){200}", "((a{200,}){200,}?){200,201}+", "(?:a?){9000000}"],
)
def test_what_would_take_all_memory_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="repeats too much"):
        compiled(expression)


@pytest.mark.parametrize("begin", ["(", "(?:", "(?=", "(?P<n>"])
def test_groups_in_groups_without_end_are_refused(begin: str) -> None:
    with pytest.raises(ValueError, match="too many groups inside groups"):
        compiled(begin * 160 + ")" * 160)


@given(st.text(alphabet=r"()[]{}\,019+?*^$|:<>=!PRabÉ", max_size=60))
def test_whatever_is_typed_is_compiled_or_refused(expression: str) -> None:
    try:
        compiled(expression)
    except ValueError as exc:
        assert str(exc)
