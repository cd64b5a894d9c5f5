"""What people are told and how often: the rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.webhooks.examples import NOW, after
from webhooks.alerts.rules import DAY, HOUR, OVERDUE, is_due, is_over, recovered, troubles
from webhooks.alerts.trouble import Kind, Sight, Trouble

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
WELL = Sight(endpoint="sales", host="hook.example.com")
moments = st.timedeltas(-DAY, DAY).map(NOW.__add__)


def kinds(sight: Sight) -> list[Kind]:
    return [trouble.kind for trouble in troubles(sight, PARIS, NOW)]


def sentence(sight: Sight) -> str:
    (trouble,) = troubles(sight, PARIS, NOW)
    return trouble.sentence


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"dead": 1}, [Kind.DEAD]),
        ({"failures": 3, "error": "HTTP 503"}, []),
        ({"failures": 4, "error": "HTTP 503"}, [Kind.FAILING]),
        ({"fault": "the endpoint answered 410 Gone"}, [Kind.FAILING]),
        ({"waiting": 9, "waiting_since": None}, []),
        ({"waiting": 9, "waiting_since": NOW - OVERDUE}, []),
        ({"waiting": 9, "waiting_since": NOW - OVERDUE - MINUTE}, [Kind.OVERDUE]),
        (
            {"dead": 2, "failures": 9, "waiting_since": NOW - HOUR},
            [Kind.DEAD, Kind.FAILING, Kind.OVERDUE],
        ),
    ],
)
def test_troubles(changes: dict[str, object], expected: list[Kind]) -> None:
    assert kinds(replace(WELL, **changes)) == expected  # type: ignore[arg-type]


def test_dead_deliveries_are_told_with_their_number_and_reason() -> None:
    assert sentence(replace(WELL, dead=1, dead_reason="HTTP 413")) == (
        "1 delivery to endpoint sales (hook.example.com) is dead and will not be tried again by "
        "itself. The last reason: HTTP 413. In the admin, see Deliveries; when the cause is gone, "
        "send again from there."
    )
    assert sentence(replace(WELL, dead=7)).startswith("7 deliveries to endpoint sales")


def test_a_failing_endpoint_is_told_with_its_error_and_local_time() -> None:
    sight = replace(WELL, failures=4, error="HTTP 503", failing_since=NOW, waiting=2)
    assert sentence(sight) == (
        "Endpoint sales (hook.example.com) has failed 4 times in a row since 2026-11-20 10:00:00 "
        "Europe/Paris: HTTP 503. Meanwhile 2 deliveries wait; nothing is lost, and all leave when "
        "it answers again. Check the receiver; in the admin, see Endpoint states."
    )


def test_a_paused_endpoint_is_told_with_what_to_do() -> None:
    told = sentence(replace(WELL, failures=9, fault="the endpoint answered 410 Gone: resume it"))
    assert told.startswith(
        "Nothing is sent to endpoint sales (hook.example.com) until somebody acts: the endpoint "
        "answered 410 Gone: resume it."
    )


def test_what_waits_too_long_is_told_with_what_is_known() -> None:
    sight = replace(WELL, waiting=1, waiting_since=after(-17 * 60), hold="no webhook URL is set")
    assert sentence(sight) == (
        "A delivery to endpoint sales (hook.example.com) has waited for 17 minutes, although "
        "nothing that was asked for holds it; 1 delivery waits. What is known: no webhook URL "
        "is set. In the admin, see Deliveries and Endpoint states."
    )


def test_an_endpoint_that_is_back_is_told_with_what_waited() -> None:
    news = recovered(replace(WELL, waiting=3), NOW, PARIS, after(60))
    assert (news.kind, news.count) == (Kind.RECOVERED, 3)
    assert "takes deliveries again" in news.sentence
    assert "since 2026-11-20 10:00:00 Europe/Paris" in news.sentence
    assert "3 deliveries" in news.sentence


def trouble(kind: Kind, since: datetime | None = None) -> Trouble:
    return Trouble(kind=kind, endpoint="sales", since=since, count=1, sentence="")


@pytest.mark.parametrize(
    ("kind", "since", "told", "before", "due"),
    [
        (Kind.FAILING, None, None, None, True),
        (Kind.FAILING, None, None, 59 * MINUTE, False),  # it was back in between
        (Kind.FAILING, None, None, HOUR, True),
        (Kind.FAILING, 2 * HOUR, HOUR, HOUR, False),
        (Kind.FAILING, 30 * MINUTE, HOUR, HOUR, True),  # another run of failures
        (Kind.FAILING, MINUTE, 59 * MINUTE, 59 * MINUTE, False),
        (Kind.FAILING, None, DAY - MINUTE, DAY - MINUTE, False),
        (Kind.FAILING, None, DAY, DAY, True),
        (Kind.OVERDUE, MINUTE, 2 * HOUR, 2 * HOUR, False),
        (Kind.OVERDUE, None, DAY, DAY, True),
        (Kind.DEAD, None, 59 * MINUTE, 59 * MINUTE, False),
        (Kind.DEAD, None, HOUR, HOUR, True),
    ],
)
def test_when_it_is_told(
    kind: Kind,
    since: timedelta | None,
    told: timedelta | None,
    before: timedelta | None,
    due: bool,
) -> None:
    def ago(age: timedelta | None) -> datetime | None:
        return None if age is None else NOW - age

    assert is_due(trouble(kind, ago(since)), ago(told), ago(before), NOW) is due


@pytest.mark.parametrize(
    ("kind", "delivered", "dead", "over"),
    [
        (Kind.FAILING, False, False, False),
        (Kind.FAILING, True, False, True),
        (Kind.OVERDUE, False, False, True),
        (Kind.DEAD, True, True, False),
        (Kind.DEAD, False, False, True),
    ],
)
def test_when_it_is_over(kind: Kind, delivered: bool, dead: bool, over: bool) -> None:
    assert is_over(kind, delivered, dead) is over


@given(
    st.sampled_from([Kind.DEAD, Kind.FAILING, Kind.OVERDUE]),
    st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.booleans()), max_size=80),
)
def test_whatever_comes_and_goes_the_same_is_told_once_an_hour_at_most(
    kind: Kind, looks: list[tuple[int, bool, bool]]
) -> None:
    """Looks so many minutes apart: whether the trouble stands, and whether it began anew."""
    now, told_at, tellings = NOW, None, [NOW - DAY]
    since = now
    for minutes, stands, anew in looks:
        now += minutes * MINUTE
        since = now if anew else since
        if not stands:
            told_at = None if is_over(kind, True, anew) else told_at
        elif is_due(trouble(kind, since), told_at, tellings[-1], now):
            told_at = now
            tellings.append(now)
        if stands and tellings[-1] < now - DAY:
            pytest.fail("it has lasted for a day unsaid")
    gaps = [late - early for early, late in zip(tellings, tellings[1:], strict=False)]
    assert all(gap >= HOUR for gap in gaps)


@given(
    st.builds(
        Sight,
        endpoint=st.sampled_from(["default", "sales"]),
        failures=st.integers(0, 99),
        failing_since=st.none() | moments,
        error=st.text(" .aé:", max_size=20),
        fault=st.text(" .aé:", max_size=20),
        waiting=st.integers(0, 9),
        waiting_since=st.none() | moments,
        hold=st.text(" .aé:", max_size=20),
        dead=st.integers(0, 9),
        dead_reason=st.text(" .aé:", max_size=20),
    )
)
def test_each_sentence_is_whole_and_names_its_endpoint(sight: Sight) -> None:
    found = list(troubles(sight, PARIS, NOW))
    assert len({each.kind for each in found}) == len(found)
    for each in found:
        assert sight.endpoint in each.sentence
        assert each.sentence.endswith(".")
        assert "1 deliveries" not in each.sentence
        assert "None" not in each.sentence


def test_they_are_told_in_french_whole() -> None:
    sight = replace(WELL, failures=4, error="the connection was refused", waiting=2)
    with translation.override("fr"):
        told = sentence(replace(sight, failing_since=NOW)).replace("\N{NO-BREAK SPACE}", " ")
    assert told == (
        "Destinataire sales (hook.example.com), 4 échecs de suite depuis le 2026-11-20 10:00:00 "
        "Europe/Paris : la connexion a été refusée. Pendant ce temps, 2 envois attendent ; rien "
        "n’est perdu, et tout partira quand il répondra à nouveau. Vérifiez le destinataire ; dans "
        "l’administration, voyez les états des destinataires."
    )
