"""Two people's edits of the same rules."""

from __future__ import annotations

from configstore.forms.rule_words import in_words, merged
from configstore.rules import Rule


def rules(*names: str, **fields: int) -> list[Rule]:
    return [Rule(name=name, priority=fields.get(name, 100)) for name in names]


def told(found: list[Rule]) -> list[tuple[str, int]]:
    return [(rule.name, rule.priority) for rule in found]


def test_what_others_changed_stays_and_what_i_changed_is_put_over_it() -> None:
    seen = rules("a", "b", "c")
    mine, theirs = rules("a", "b", "d", a=1), rules("a", "b", "c", "e", b=2)
    assert told(merged(seen, mine, theirs)) == [("a", 1), ("b", 2), ("e", 100), ("d", 100)]


def test_a_rule_that_others_removed_stays_removed_unless_i_changed_it() -> None:
    seen, theirs = rules("a", "b"), rules("b")
    assert told(merged(seen, rules("a", "b", b=1), theirs)) == [("b", 1)]
    assert told(merged(seen, rules("a", "b", a=1), theirs)) == [("b", 100), ("a", 1)]


def test_an_order_that_i_changed_is_mine() -> None:
    seen, theirs = rules("a", "b"), rules("a", "b", "c")
    assert told(merged(seen, rules("b", "a"), theirs)) == [("b", 100), ("a", 100), ("c", 100)]


def test_rules_of_one_name_are_told_apart() -> None:
    seen = rules("a") + rules("a", a=5)
    mine = rules("a") + rules("a", a=7)
    theirs = [*seen, *rules("b")]
    assert told(merged(seen, mine, theirs)) == [("a", 100), ("a", 7), ("b", 100)]


def test_a_rule_in_words_tells_no_secret() -> None:
    words = in_words(Rule(name="a", fields={"api_token": "s3cret", "detector": "x"}, enabled=False))
    assert words == (
        "every mail → default; api_token = …; detector = x; then stop; priority 100; switched off"
    )
