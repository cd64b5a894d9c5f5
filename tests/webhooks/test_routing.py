from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from configstore.documents import RoutingRules, WebhookConfig
from configstore.fields import PAYLOAD_FIELDS
from tests.webhooks.examples import message
from webhooks.endpoints import DEFAULT
from webhooks.messages import Message
from webhooks.payload import render
from webhooks.routing import MESSAGE_SECONDS, REGEX_SECONDS, Route, routes, trials

MAIL = replace(
    message("a", text="Bonjour,\nà faire pour 14h30\nMerci"),
    subject="Recadrage Lot 12",
    sender="Zoé <Zoe@Studio.example>",
    sender_email="zoe@studio.example",
)


def condition(field: str, test: str, value: str) -> dict[str, str]:
    return {"field": field, "test": test, "value": value}


def rule(endpoint: str, *conditions: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {"name": endpoint, "endpoint": endpoint, "conditions": list(conditions), **fields}


def routed(*rules: dict[str, Any], mail: Message = MAIL) -> list[Route]:
    document = RoutingRules.model_validate({"rules": list(rules)})
    return routes(trials(mail, document), document)


def endpoints(*rules: dict[str, Any]) -> list[str]:
    return [route.endpoint for route in routed(*rules)]


def test_without_rules_everything_goes_to_the_default_endpoint() -> None:
    assert routed() == [Route(endpoint=DEFAULT, fields={})]


@pytest.mark.parametrize(
    ("test", "met"),
    [
        (condition("sender", "equals", "ZOE@studio.example"), True),
        (condition("sender", "equals", "studio.example"), False),
        (condition("sender", "contains", "zoé"), True),
        (condition("sender", "contains", "@STUDIO."), True),
        (condition("sender", "regex", r"@studio\.example$"), True),
        (condition("subject", "equals", " recadrage lot 12 "), True),
        (condition("subject", "equals", "recadrage"), False),
        (condition("subject", "regex", r"^recadrage lot \d+$"), True),
        (condition("subject", "regex", r"lot 13"), False),
        (condition("body", "contains", "MERCI"), True),
        (condition("body", "regex", r"^merci$"), True),
        (condition("body", "equals", "merci"), False),
    ],
)
def test_a_condition_says_what_it_says(test: dict[str, str], met: bool) -> None:
    assert endpoints(rule("sales", test)) == (["sales"] if met else [DEFAULT])


def test_all_conditions_of_a_rule_have_to_be_met() -> None:
    met, unmet = condition("subject", "contains", "lot"), condition("body", "contains", "nothing")
    assert endpoints(rule("sales", met, unmet)) == [DEFAULT]
    assert endpoints(rule("sales", met)) == ["sales"]


def test_a_rule_without_conditions_is_met_by_all_mails() -> None:
    assert endpoints(rule("archive")) == ["archive"]


def test_the_lowest_priority_number_comes_first_and_stop_ends_it() -> None:
    assert endpoints(
        rule("third", priority=200),
        rule("first", priority=1, stop=False),
        rule("second", priority=1),
    ) == ["first", "second"]


def test_a_rule_that_is_switched_off_is_as_if_it_were_not_there() -> None:
    assert endpoints(rule("sales", enabled=False, fields={"a": "b"})) == [DEFAULT]
    assert routed(rule(DEFAULT, enabled=False, fields={"a": "b"}))[0].fields == {}


def test_groups_and_fields_are_handed_over() -> None:
    (route,) = routed(
        rule(
            "sales",
            condition("body", "regex", r"à faire pour (?P<delivery_time>\d+h\d+)"),
            fields={"detector": "recadrage", "note": "pour {delivery_time}, {unknown}"},
        )
    )
    assert route.fields == {
        "delivery_time": "14h30",
        "detector": "recadrage",
        "note": "pour 14h30, {unknown}",
    }


def test_what_a_mail_says_is_put_in_and_not_filled_in_itself() -> None:
    words = condition("body", "regex", r"(?P<first>\S+) (?P<second>\S+)")
    mail = replace(MAIL, text="{second}{second} {first}")
    (route,) = routed(rule("sales", words, fields={"both": "{first}-{second}-{third}"}), mail=mail)
    assert route.fields["both"] == "{second}{second}-{first}-{third}"


def test_a_group_that_took_no_part_is_an_empty_text() -> None:
    (route,) = routed(rule("sales", condition("body", "regex", r"faire(?P<never>x)?")))
    assert route.fields == {"never": ""}


def test_of_two_rules_for_one_endpoint_the_first_sets_a_field_and_one_delivery_leaves() -> None:
    assert routed(
        rule("sales", fields={"a": "first", "b": "first"}, stop=False),
        rule("sales", fields={"b": "second", "c": "second"}),
    ) == [Route(endpoint="sales", fields={"a": "first", "b": "first", "c": "second"})]


def test_a_field_that_another_rule_of_the_endpoint_sets_is_there_and_null() -> None:
    """Make.com learns the structure from one sample."""
    (route,) = routed(
        rule("sales", condition("body", "regex", "(?P<hour>nothing)"), fields={"kind": "x"}),
        rule("sales"),
    )
    assert route.fields == {"hour": None, "kind": None}


def test_a_regular_expression_that_explodes_is_cut_and_counts_as_not_met() -> None:
    document = RoutingRules.model_validate(
        {"rules": [rule("sales", condition("body", "regex", r"(a|aa)+$"))]}
    )
    begun = time.process_time()
    (trial,) = trials(replace(MAIL, text="a" * 5000 + "!"), document)
    assert time.process_time() - begun < 10 * REGEX_SECONDS
    assert (trial.met, trial.slow) == (False, True)


def test_many_of_them_are_cut_together() -> None:
    slow = condition("body", "regex", r"(a|aa)+$")
    document = RoutingRules.model_validate({"rules": [rule(f"r{n}", slow) for n in range(100)]})
    begun = time.process_time()
    tried = trials(replace(MAIL, text="a" * 5000 + "!"), document)
    assert time.process_time() - begun < 5 * MESSAGE_SECONDS
    assert all(trial.slow for trial in tried)


def test_what_came_after_a_stop_is_told_as_not_reached() -> None:
    document = RoutingRules.model_validate({"rules": [rule("a"), rule("b")]})
    assert [trial.reached for trial in trials(MAIL, document)] == [True, False]


@pytest.mark.parametrize(
    "faulty",
    [
        rule("sales", condition("body", "regex", "(")),
        rule("sales", condition("body", "regex", "(?P<subject>x)")),
        rule("sales", condition("body", "like", "x")),
        rule("sales", condition("cc", "equals", "x")),
        rule("sales", condition("body", "equals", "")),
        rule("sales", fields={"event_id": "x"}),
        rule("sales", fields={"not a name": "x"}),
        rule("Sales team"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(faulty: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RoutingRules.model_validate({"rules": [faulty]})


def test_the_fields_of_the_mail_are_all_named_and_cannot_be_set() -> None:
    assert tuple(render(MAIL, "msg_1", WebhookConfig())) == PAYLOAD_FIELDS


@given(
    st.lists(
        st.builds(
            rule,
            st.sampled_from(["default", "a", "b"]),
            st.builds(
                condition,
                st.sampled_from(["sender", "subject", "body"]),
                st.sampled_from(["equals", "contains"]),
                st.text(min_size=1, max_size=5),
            ),
            priority=st.integers(0, 5),
            stop=st.booleans(),
            enabled=st.booleans(),
        ),
        max_size=6,
    ),
    st.text(max_size=20),
)
def test_every_mail_has_a_route_and_no_endpoint_two(rules: list[dict[str, Any]], text: str) -> None:
    found = [route.endpoint for route in routed(*rules, mail=replace(MAIL, text=text))]
    assert found
    assert len(found) == len(set(found))
