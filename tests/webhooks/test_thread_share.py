from __future__ import annotations

from collections import Counter

import pytest

from webhooks.thread_share import free_threads


@pytest.mark.parametrize(
    ("under_way", "others", "free"),
    [
        ({}, [], 4),  # half of eight, the endpoint is not alone
        ({"mine": 3}, [], 1),
        ({"mine": 4}, [], 0),
        ({"slow": 4}, ["slow"], 4),
        ({"slow": 4}, ["slow", "a", "b"], 2),
        ({"slow": 4, "mine": 1}, ["slow", "a", "b", "c"], 0),
        ({"slow": 4, "hung": 3}, ["slow", "hung", "a"], 1),
        ({"slow": 4, "hung": 4}, ["slow", "hung"], 0),
        ({"slow": 4, "hung": 5}, ["slow", "hung"], 0),
    ],
)
def test_each_leaves_something_to_the_others(
    under_way: dict[str, int], others: list[str], free: int
) -> None:
    assert free_threads(8, Counter(under_way), "mine", others) == free


def test_a_single_thread_goes_to_whoever_comes() -> None:
    assert free_threads(1, Counter(), "mine", ["a", "b"]) == 1
