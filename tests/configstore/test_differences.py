from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configstore.differences import LONGEST, Difference, differences, readable, same

SECRET = "hunter2-of-the-operator"
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
names = st.text(max_size=8) | st.sampled_from(["imap_password", "webhook_url", "a.b"])
documents = st.dictionaries(names, json_values, max_size=5)


def lines(before: Any, after: Any) -> list[str]:
    return [str(each) for each in differences(before, after)]


@given(documents)
def test_a_document_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    assert differences(document, document) == []


@given(documents, documents)
def test_whatever_differs_is_told_and_nothing_else(one: Any, other: Any) -> None:
    assert bool(differences(one, other)) is not same(one, other)


@given(documents, documents)
def test_each_difference_is_one_short_line_with_two_sides(one: Any, other: Any) -> None:
    for each in differences(one, other):
        assert each.before != each.after
        assert (each.before + each.after).isprintable()
        assert max(len(each.before), len(each.after)) <= LONGEST


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (60, 90, "60 → 90"),
        (True, False, "yes → no"),
        (None, "09h30", "— → 09h30"),
        (["a", "b"], ["a"], "a, b → a"),
        (["a"], [], "a → empty"),
        ("", "x", "empty → x"),
        (True, 1, "yes → 1"),
        ([0, 1], "0,1", "0, 1 → 0,1"),
        ("a\nb", None, "a b → —"),
        ("x" * 200, 1, "x" * 79 + "… → 1"),
        ("x" * 200, "x" * 201, "x" * 79 + "… → changed"),
    ],
)
def test_values_are_told_for_a_person(before: Any, after: Any, told: str) -> None:
    assert lines({"field": before}, {"field": after}) == [f"field: {told}"]


def test_what_is_not_there_is_a_dash() -> None:
    assert lines(None, {"a": 1}) == ["a: — → 1"]
    assert lines({"a": 1}, None) == ["a: 1 → —"]
    assert lines(None, {}) == []


def test_null_and_nothing_are_two_things() -> None:
    assert lines({}, {"webhook_url": None}) == ["webhook_url: — → empty"]
    assert lines({"webhook_url": None}, {}) == ["webhook_url: empty → —"]


def test_headers_are_told_by_their_names_alone() -> None:
    before = {"webhook_headers": {"x-one": "s3cret", "x-two": "s3cret"}}
    after = {"webhook_headers": {"x-one": "fernet:s3cret", "x-three": "s3cret"}}
    assert lines(before, after) == [
        "webhook_headers.x-one: … → changed",
        "webhook_headers.x-two: … → —",
        "webhook_headers.x-three: — → changed",
    ]
    assert lines({}, before) == ["webhook_headers: — → x-one: …, x-two: …"]
    assert readable("webhook_headers", before["webhook_headers"]) == "x-one: …, x-two: …"


def test_signing_secrets_are_told_by_nothing() -> None:
    assert lines({}, {"webhook_signing_secrets": ["whsec_s3cret"]}) == [
        "webhook_signing_secrets: — → changed"
    ]
    assert lines({"webhook_signing_secrets": ["a"]}, {"webhook_signing_secrets": []}) == [
        "webhook_signing_secrets: … → —"
    ]


def test_what_is_encrypted_is_shown_nowhere() -> None:
    assert lines({}, {"theirs": "fernet:gAAAA"}) == ["theirs: — → …"]


def test_fields_within_fields_are_told_apart() -> None:
    before = {"sender_priority": {"a@x.fr": "high", "b@x.fr": "low"}}
    after = {"sender_priority": {"a@x.fr": "low", "b@x.fr": "low"}}
    assert lines(before, after) == ["sender_priority.a@x.fr: high → low"]
    assert lines({}, after) == ["sender_priority: — → a@x.fr: low, b@x.fr: low"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (SECRET, "another", ("…", "changed")),
        (None, SECRET, ("—", "changed")),
        (SECRET, None, ("…", "—")),
        ("", [SECRET], ("—", "changed")),
        (None, "", ("—", "changed")),
    ],
)
@pytest.mark.parametrize(
    "name", ["imap_password", "API_TOKEN", "digest", "client_secret", "apiKey", "keys", "passwd"]
)
def test_a_secret_is_only_said_to_have_changed(
    name: str, before: Any, after: Any, told: tuple[str, str]
) -> None:
    assert differences({name: before}, {name: after}) == [Difference(name, *told)]


def test_of_the_address_for_tokens_the_host_is_shown() -> None:
    assert lines({}, {"oauth_token_url": f"https://a.example/{SECRET}"}) == [
        "oauth_token_url: — → https://a.example/…"
    ]


def test_words_to_exclude_are_no_secret() -> None:
    assert lines({"exclude_keywords": []}, {"exclude_keywords": ["spam"]}) == [
        "exclude_keywords: empty → spam"
    ]


def test_the_digest_of_a_link_is_not_shown() -> None:
    link = {"single_use": True, "digest": SECRET}
    assert lines({}, {"abc": link}) == ["abc: — → single_use: yes, digest: …"]
    assert lines({"abc": link}, {"abc": link | {"digest": "x"}}) == ["abc.digest: … → changed"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"https://hook.example.com/{SECRET}", "https://hook.example.com/…"),
        (f"https://hook.example.com?t={SECRET}", "https://hook.example.com/…"),
        (f"https://ada:{SECRET}@hook.example.com:8443/x", "https://hook.example.com:8443/…"),
        (f"https://ada:{SECRET}/@hook.example.com", "https://…"),
        (f"https://hook.example.com/a b,{SECRET}", "https://hook.example.com/…"),
        (f"https://[::1]:8000/{SECRET}", "https://[::1]:8000/…"),
        ("https://hook.example.com", "https://hook.example.com"),
        (f"{SECRET}@hook.eu2.make.com", "https://hook.eu2.make.com/…"),
        (f"hook.example.com/{SECRET}", "…"),
    ],
)
def test_of_an_address_only_the_host_is_shown(address: str, shown: str) -> None:
    assert lines({}, {"webhook_url": address}) == [f"webhook_url: — → {shown}"]


@pytest.mark.parametrize("value", ["{}", "see {} there", "a@x.fr,{}"])
@pytest.mark.parametrize(
    "address", [f"https://hook.example.com/{SECRET}", f"{SECRET}@hook.eu2.make.com"]
)
def test_an_address_is_hidden_wherever_it_stands(value: str, address: str) -> None:
    text = value.format(address)
    for document in ({"note": text}, {"notes": [text]}, {"notes": {"deep": {"er": [text]}}}):
        assert SECRET not in str(lines({}, document))


def test_two_addresses_at_one_host_are_told_as_changed() -> None:
    before, after = ({"webhook_url": f"https://h.example/{path}"} for path in "ab")
    assert lines(before, after) == ["webhook_url: https://h.example/… → changed"]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({}, [], True),
        ({"a": 1.0}, {"a": 1}, True),
        ([True], [1], False),
        ([{}], [0], False),
        ({"a": None}, {}, False),
        ("1", 1, False),
    ],
)
def test_what_php_makes_of_a_value_is_the_same_value(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_objects_with_names_are_compared_by_name() -> None:
    one = {"name": "a", "conditions": [{"field": "body", "value": "x"}], "fields": {"key": "k"}}
    two, three = {"name": "b", "stop": True}, {"name": "c", "stop": False}
    changed = one | {"conditions": [{"field": "body", "value": "y"}], "fields": {"key": "l"}}
    found = differences({"rules": [one, two]}, {"rules": [three, changed]})
    assert [str(each) for each in found] == [
        "rules.a.conditions.1.value: x → y",
        "rules.a.fields.key: … → changed",
        "rules.b: stop: yes → —",
        "rules.c: — → stop: no",
    ]


def test_another_order_of_objects_with_names_is_told() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    found = differences({"rules": [one, two]}, {"rules": [two, one]})
    assert [str(each) for each in found] == ["rules.order: a, b → b, a"]
