from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.fleet import Fleet

POLLERS = ("a", "b", "c", "d")
HOLDERS = st.dictionaries(
    st.text("mn123", min_size=1, max_size=4), st.sampled_from(["", *POLLERS, "frozen"]), max_size=40
)
FLEETS = st.sets(st.sampled_from(POLLERS), min_size=1)


def fleet(me: str, pollers: str, held: dict[str, int], free: int = 0) -> Fleet:
    """held: how many mailboxes each holds."""
    owners = [owner for owner, count in held.items() for _ in range(count)] + [""] * free
    holders = {f"m{number:02}": owner for number, owner in enumerate(owners)}
    return Fleet(me, frozenset(pollers), holders)


@pytest.mark.parametrize(
    ("pollers", "held", "free", "shares"),
    [
        ("a", {"a": 1}, 0, {"a": 1}),
        ("ab", {"a": 1}, 0, {"a": 1, "b": 0}),
        ("ab", {"b": 1}, 0, {"a": 0, "b": 1}),
        ("ab", {"a": 40}, 0, {"a": 20, "b": 20}),
        ("abc", {"a": 14, "b": 13, "c": 13}, 0, {"a": 14, "b": 13, "c": 13}),
        ("abc", {"a": 20, "b": 20}, 0, {"a": 14, "b": 13, "c": 13}),
        ("ab", {"a": 2, "frozen": 2}, 0, {"a": 1, "b": 1}),
        ("ab", {"a": 2}, 2, {"a": 2, "b": 2}),
    ],
)
def test_shares_are_even_and_move_no_more_than_they_must(
    pollers: str, held: dict[str, int], free: int, shares: dict[str, int]
) -> None:
    assert {me: fleet(me, pollers, held, free).share() for me in pollers} == shares


@given(FLEETS, HOLDERS)
def test_all_shares_together_are_what_there_is_to_share(
    pollers: set[str], holders: dict[str, str]
) -> None:
    shares = [Fleet(me, frozenset(pollers), holders).share() for me in pollers]
    counts = Counter(holders.values())
    assert sum(shares) == counts[""] + sum(counts[poller] for poller in pollers)
    assert max(shares) - min(shares) <= 1


@given(FLEETS, HOLDERS)
def test_of_those_that_are_free_each_is_for_one(pollers: set[str], holders: dict[str, str]) -> None:
    """Unless somebody has to give something away first, all of them are."""
    fleets = [Fleet(me, frozenset(pollers), holders) for me in pollers]
    taken = Counter(name for fleet in fleets for name in fleet.to_take())
    assert all(count == 1 and holders[name] == "" for name, count in taken.items())
    assert len(taken) == sum(holder == "" for holder in holders.values())
    for fleet in fleets:
        assert len(fleet.to_take()) <= max(0, fleet.share() - fleet.held())
