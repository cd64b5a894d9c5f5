"""`manage.py doctor` as people and scripts call it."""

from __future__ import annotations

import pytest

from tests.servers.commands import MakeRunpoller
from tests.servers.runpoller import ManageCommand

SECONDS = 90.0


def doctor(make: MakeRunpoller, *arguments: str, **variables: str) -> ManageCommand:
    command = make("doctor", *arguments, **variables)
    command.wait(SECONDS)
    return command


def test_without_a_terminal_there_is_no_colour(make_runpoller: MakeRunpoller) -> None:
    found = doctor(make_runpoller, "--only", "versions", "--only", "r2")
    assert "\x1b" not in found.output
    assert found.output.splitlines()[0] == "Versions"
    assert found.output.endswith("2 green, 0 yellow, 0 red. All is well.")
    assert found.returncode == 0


def test_colour_can_be_asked_for(make_runpoller: MakeRunpoller) -> None:
    found = doctor(make_runpoller, "--only", "versions", "--force-color")
    assert "\x1b[32;1mgreen\x1b[0m" in found.output


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--strict",), 1)])
def test_yellow_counts_if_that_is_asked_for(
    make_runpoller: MakeRunpoller, arguments: tuple[str, ...], code: int
) -> None:
    found = doctor(make_runpoller, "--only", "redis", *arguments)
    assert "yellow" in found.output
    assert found.returncode == code


def test_red_counts_always(make_runpoller: MakeRunpoller) -> None:
    assert doctor(make_runpoller, "--only", "pollers").returncode == 1


def test_an_examination_that_there_is_none_of_is_refused(make_runpoller: MakeRunpoller) -> None:
    found = doctor(make_runpoller, "--only", "teeth")
    assert "invalid choice: 'teeth'" in found.output
    assert found.returncode == 2


@pytest.mark.parametrize(
    ("language", "arguments", "word"),
    [
        ("fr_FR.UTF-8", (), "Boîte mail"),
        ("de_DE.UTF-8", (), "Mailbox"),
        ("fr_FR.UTF-8", ("--language", "en"), "Mailbox"),
        ("C", ("--language", "fr"), "Boîte mail"),
    ],
)
def test_it_speaks_the_language_of_the_terminal(
    make_runpoller: MakeRunpoller, language: str, arguments: tuple[str, ...], word: str
) -> None:
    found = doctor(make_runpoller, "--only", "mailbox", *arguments, LANG=language)
    assert f"{word} default" in found.output


def test_nothing_but_findings_is_said_of_trouble(make_runpoller: MakeRunpoller) -> None:
    """The log of the other packages would say the same in other words."""
    found = doctor(make_runpoller, REDIS_URL="redis://127.0.0.1:1/0")
    assert "cannot be reached (ConnectionError)" in found.output
    assert "WARNING" not in found.output
