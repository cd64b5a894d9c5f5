from __future__ import annotations

import io
import os
import signal
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from demo import stage as stage_module
from demo.folder import Folder
from demo.stage import FORCED, NoPort, Stage, StopAsked, free_port, shorter
from demo.terminal import Style
from tests.demo.children import POLITE, STUBBORN
from tests.environment import child_environment

SECONDS = 10.0


class Play:
    """A stage in a folder, with what it writes."""

    def __init__(self, folder: Path) -> None:
        self.out = io.StringIO()
        self.environment = child_environment(folder)
        self.stage = Stage(folder, Folder(folder), self.out, Style())
        self.ready = 0

    def shows(self, entry: object) -> bool:
        self.ready += 1
        return True

    def start(self, name: str, program: str, patience: float = SECONDS) -> None:
        """Start a child and wait for its first line."""
        self.stage.shows = self.shows
        before = self.ready
        self.stage.start(name, ["-c", program], self.environment, patience)
        assert self.stage.pump(lambda: self.ready > before, SECONDS)

    @property
    def lines(self) -> list[str]:
        return [line for line in self.out.getvalue().splitlines() if line]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    play = Play(tmp_path)
    yield play
    play.stage.closing.close()


def test_pump_stops_when_it_is_done(play: Play) -> None:
    seen: list[int] = []
    for number in range(3):
        play.stage.post(partial(seen.append, number))

    assert play.stage.pump(lambda: len(seen) == 2, SECONDS)
    assert seen == [0, 1]


def test_pump_stops_when_the_time_is_over(play: Play) -> None:
    assert not play.stage.pump(lambda: False, 0.05)


def test_a_step_that_succeeds_lets_the_flow_go_on(play: Play) -> None:
    def flow() -> int:
        play.stage.run("migrate", ["-c", ""], play.environment)
        return 7

    assert play.stage.perform(flow) == 7


def test_a_step_that_fails_is_reported(play: Play) -> None:
    def flow() -> int:
        play.stage.run(
            "migrate", ["-c", "print('no table'); raise SystemExit(2)"], play.environment
        )
        return 0

    assert play.stage.perform(flow) == 1
    assert play.lines[:2] == [
        "migrate ended by itself (exit code 2). Its last lines:",
        "  no table",
    ]
    assert "migrate.log" in play.lines[2]


def test_a_child_that_dies_ends_everything(play: Play) -> None:
    def flow() -> int:
        play.start("web", POLITE)
        play.start("poller", "import os, signal; print(1, flush=True); os.kill(os.getpid(), 9)")
        play.stage.pump(lambda: False, SECONDS)
        return 0

    assert play.stage.perform(flow) == 1
    assert "poller ended by itself (signal 9). Its last lines:" in play.lines
    assert "web       bye" in play.lines


def test_the_last_started_stops_first(play: Play) -> None:
    closed: list[str] = []

    def flow() -> int:
        play.stage.closing.callback(closed.append, "mailbox")
        play.start("web", POLITE)
        play.start("poller", POLITE)
        return 0

    assert play.stage.perform(flow) == 0
    assert play.lines == [
        "web       ready",
        "poller    ready",
        "poller    stopping…",
        "poller    bye",
        "poller    stopped",
        "web       stopping…",
        "web       bye",
        "web       stopped",
    ]
    assert closed == ["mailbox"]


def test_one_that_does_not_stop_is_killed_and_named(play: Play) -> None:
    def flow() -> int:
        play.start("poller", STUBBORN, patience=0.2)
        return 0

    assert play.stage.perform(flow) == 0
    assert play.lines[-1] == "poller    did not stop within 0.2 s; it was killed"


@pytest.fixture
def _listening() -> Iterator[None]:
    """A job in the background of a shell, or under nohup, begins with ignored signals."""
    before = {
        number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGHUP)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_flow_with_success(play: Play, number: signal.Signals) -> None:
    def flow() -> int:
        play.start("poller", POLITE)
        os.kill(os.getpid(), number)
        play.stage.pump(lambda: False, SECONDS)
        return 5

    before = signal.getsignal(number)
    assert play.stage.perform(flow) == 0
    assert play.lines[-2:] == ["poller    bye", "poller    stopped"]
    assert signal.getsignal(number) is before


@pytest.mark.usefixtures("_listening")
def test_a_second_signal_kills(play: Play) -> None:
    def flow() -> int:
        play.start("poller", STUBBORN, patience=60)
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        raise StopAsked

    assert play.stage.perform(flow) == FORCED


def test_a_stop_during_a_step_ends_the_step(play: Play, tmp_path: Path) -> None:
    def flow() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        play.stage.run("migrate", ["-c", "import time; time.sleep(60)"], play.environment)
        return 5

    assert play.stage.perform(flow) == 0


def test_nothing_fails_when_nobody_reads(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as out:
        stage = Stage(tmp_path, Folder(tmp_path), out, Style())

        def flow() -> int:
            stage.say(["hello"])
            stage.pump(lambda: False, SECONDS)
            return 5

        assert stage.perform(flow) == 0


def test_a_port_that_answers_is_noticed(play: Play) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert play.stage.wait_for_port(server.getsockname()[1], SECONDS)


def test_the_next_port_is_taken_when_one_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        assert taken < free_port(taken) < taken + stage_module.PORTS_TO_TRY


def test_no_free_port_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "PORTS_TO_TRY", 1)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(NoPort):
        free_port(server.getsockname()[1])


def test_no_free_port_is_told_in_a_sentence(play: Play) -> None:
    def flow() -> int:
        raise NoPort("No port is free.")

    assert play.stage.perform(flow) == 1
    assert play.lines == ["No port is free."]


def test_paths_are_shown_as_one_would_type_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert shorter(tmp_path / "var" / "web.log") == "var/web.log"
    assert shorter(Path("/elsewhere/web.log")) == "/elsewhere/web.log"
