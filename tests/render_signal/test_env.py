from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from render_signal.config_defaults import FIELDS, WINNING, config_defaults
from render_signal.env import Env, trusted_origins


def env(**variables: str) -> Env:
    return Env(variables)


def test_the_first_name_that_is_set_counts() -> None:
    assert env(OLD="old").text("NEW", "OLD") == "old"
    assert env(OLD="old", NEW="new").text("NEW", "OLD") == "new"
    assert env(OLD="old", NEW="  ").text("NEW", "OLD") == "old"


@pytest.mark.parametrize("value", ["", "  ", "\t"])
def test_a_blank_variable_is_not_set(value: str) -> None:
    blank = env(X=value)
    assert blank.text("X", default="d") == "d"
    assert blank.boolean("X", True)
    assert blank.integer("X", 7, 0, 9) == 7
    assert blank.items("X") == []
    assert blank.path("X", Path("/d")) == Path("/d")


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "Yes", " on "])
def test_what_is_true(value: str) -> None:
    assert env(X=value).boolean("X", False)


@pytest.mark.parametrize("value", ["0", "false", "FALSE", "No", " off "])
def test_what_is_false(value: str) -> None:
    assert not env(X=value).boolean("X", True)


@pytest.mark.parametrize(("value", "number"), [("1", 1), (" 9 ", 9), ("05", 5)])
def test_a_number_within_its_bounds(value: str, number: int) -> None:
    assert env(X=value).integer("X", 7, 1, 9) == number


def test_lists_are_split_at_commas() -> None:
    assert env(X="a, b ,,c").items("X") == ["a", "b", "c"]


def test_networks_of_both_kinds() -> None:
    found = env(X="10.0.0.0/8, fd00::/8,192.168.1.20").networks("X")
    assert found == [ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("192.168.1.20")]


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert env(X="~/x").path("X", Path("/d")) == Path("/home/someone/x")


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda e: e.boolean("X", True), "?", "X ('?') is neither true nor false. Example: X=true"),
        (lambda e: e.integer("X", 7, 1, 9), "1.5", "X ('1.5') is not a whole number. Example: X=7"),
        (lambda e: e.integer("X", 7, 1, 9), "10", "X ('10') is outside 1 to 9. Example: X=7"),
        (lambda e: e.integer("X", 7, 1, 9), "0", "X ('0') is outside 1 to 9. Example: X=7"),
        (lambda e: e.choice("X", "a", ("a", "b")), "c", "X ('c') is none of a, b. Example: X=a"),
        (
            lambda e: e.networks("X"),
            "10.0.0.1/8",
            "X ('10.0.0.1/8') contains '10.0.0.1/8', which has host bits set "
            "(is 10.0.0.0/8 meant?). Example: X=10.0.0.0/8,192.168.1.20/32",
        ),
        (
            lambda e: e.networks("X"),
            "10/8",
            "X ('10/8') contains '10/8', not a network. Example: X=10.0.0.0/8,192.168.1.20/32",
        ),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_an_example(
    read: Callable[[Env], object], value: str, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(env(X=value))
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "EMAIL_PASSWORD", "R2_FETCH_TOKEN", "DATABASE_URL", "FLASK_SECRET_KEY"]
)
def test_a_value_that_may_be_secret_is_not_repeated(name: str) -> None:
    fault = env(**{name: "s3cret"}).fault(name, "is wrong", f"{name}=…")
    assert str(fault) == f"{name} is wrong. Example: {name}=…"


def test_without_variables_there_are_no_defaults() -> None:
    assert config_defaults(env()) == {}


def test_each_variable_fills_its_field() -> None:
    variables = {name: field.example for name, field in FIELDS.items()}
    defaults = config_defaults(env(**variables))
    for field in FIELDS.values():
        assert defaults[field.document.NAME][field.name] == field.example


def test_the_variables_are_those_of_the_contract_and_one_more() -> None:
    assert set(FIELDS) - {"JOURNAL_DAYS"} == {
        "WEBHOOK_URL",
        "WEBHOOK_SSL_VERIFY",
        "ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS",
        "SENDER_OF_INTEREST_FOR_POLLING",
        "POLLING_TIMEZONE",
        "POLLING_ACTIVE_DAYS",
        "POLLING_ACTIVE_START_HOUR",
        "POLLING_ACTIVE_END_HOUR",
        "EMAIL_POLLING_INTERVAL_SECONDS",
        "ENABLE_SUBJECT_GROUP_DEDUP",
        "SUBJECT_GROUP_TTL_SECONDS",
    }


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("POLLING_TIMEZONE", "Mars/Base", " ('Mars/Base') is not a time zone"),
        (
            "POLLING_ACTIVE_DAYS",
            "1,8",
            " ('1,8') must list days from 0 (Monday) to 6 (Sunday), separated by commas",
        ),
        ("POLLING_ACTIVE_START_HOUR", "24", " ('24') is not an hour from 0 to 23"),
        ("POLLING_ACTIVE_END_HOUR", "noon", " ('noon') is not an hour from 0 to 23"),
        (
            "EMAIL_POLLING_INTERVAL_SECONDS",
            "0",
            " ('0') is not a number of seconds from 1 to 3600",
        ),
        (
            "SUBJECT_GROUP_TTL_SECONDS",
            "-1",
            " ('-1') is not a number of seconds from 0 to 31622400",
        ),
        ("ENABLE_SUBJECT_GROUP_DEDUP", "perhaps", " ('perhaps') is neither true nor false"),
        ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "2", " ('2') is neither true nor false"),
        ("WEBHOOK_SSL_VERIFY", "perhaps", " ('perhaps') is neither true nor false"),
        *(
            ("WEBHOOK_URL", url, " is not a whole address without a user name or password")
            for url in (
                "hook.example.com/s3cret",
                "https://s3cret℀.example/",
                "https://a:s3cret@b.c",
            )
        ),
        (
            "SENDER_OF_INTEREST_FOR_POLLING",
            "not an address",
            " ('not an address') must list addresses or domains, separated by commas",
        ),
        *(
            ("IMAP_SERVER", value, f" ({value!r}) is not a host name alone")
            for value in ("imaps://imap.example.com", "imap.example.com:993")
        ),
        ("EMAIL_OAUTH_PROVIDER", "gogle", " ('gogle') is none of google, microsoft, other"),
        ("EMAIL_OAUTH_TENANT", "a/b", " ('a/b') is neither common nor a domain or an id"),
        (
            "EMAIL_OAUTH_TOKEN_URL",
            "login.example.com/s3cret",
            " is not a whole address without a user name or password",
        ),
    ],
)
def test_what_breaks_the_rules_of_its_document_is_told_in_one_sentence(
    name: str, value: str, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        config_defaults(env(**{name: value}))
    example = (FIELDS | WINNING)[name].example
    assert str(refused.value) == f"{name}{sentence}. Example: {name}={example}"


@pytest.mark.parametrize("host", ["imap.example.com", "10.0.0.1", "fd00::1", ""])
def test_a_mail_server_that_is_a_host_name_alone_is_no_fault(host: str) -> None:
    assert config_defaults(env(IMAP_SERVER=host)) == {}


def test_the_origins_of_hosts_are_https_and_named_once() -> None:
    hosts = ["", "relay.example", ".example.com", "*", "relay.example"]
    assert trusted_origins(hosts) == ["https://relay.example", "https://*.example.com"]
