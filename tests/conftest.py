"""What all tests share. The environment itself is made by tests/environment.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import translation

from runtime import counters
from runtime.database_clock import database_clock
from tests import guard
from tests.canary import Canary

pytest_plugins = [
    *("tests.servers.fixtures", "tests.servers.commands"),
    *("tests.servers.database", "tests.servers.provider"),
]

guard.install()
# Hundreds of tests make a user; the rounds are what makes a password slow to try.
PBKDF2PasswordHasher.iterations = 1
CANARY = Canary()
OUTSIDE = pytest.StashKey[list[str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    CANARY.attach()
    CANARY.take()
    counters.take()  # what the tests before have counted and nobody has written down
    database_clock.forget()  # what the database of the test before has said
    translation.deactivate()  # the language of the last page that a test has asked for
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """An attempt to leave the machine fails the test although the code swallowed the error."""
    try:
        return (yield)
    finally:
        if attempts := guard.take():
            pytest.fail("\n".join(attempts), pytrace=False)
        if told := CANARY.take():
            pytest.fail("\n".join(["A secret in the log:", *told]), pytrace=False)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTSIDE] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What came after the last test: threads that were left behind, session fixtures."""
    late = guard.take()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["outside_traffic"] = late
        return
    session.config.stash[OUTSIDE] += late
    if session.config.stash[OUTSIDE]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """What a worker of pytest-xdist reports."""
    output: dict[str, list[str]] = getattr(node, "workeroutput", {})
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    config.stash[OUTSIDE] += output.get("outside_traffic", [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for attempt in config.stash[OUTSIDE]:
        terminalreporter.write_line(f"After the last test: {attempt}", red=True)
