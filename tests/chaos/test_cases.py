"""Every case of the list has a test that exists."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.chaos.cases import CASES

TESTS = sorted({test for case in CASES for test in case.tests})


def test_the_numbers_are_all_there() -> None:
    assert [case.number for case in CASES] == list(range(1, 45))
    assert all(case.tests and case.what for case in CASES)


@pytest.mark.parametrize("test", TESTS)
def test_each_test_of_a_case_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    module = import_module(f"tests.{path.removesuffix('.py').replace('/', '.')}")
    assert callable(getattr(module, name, None))
