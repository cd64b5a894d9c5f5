from __future__ import annotations

import os
import selectors
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from runtime.stopping import PartStop, Stop, Wake

LONG = 5.0


@pytest.fixture
def wake() -> Iterator[Wake]:
    wake = Wake()
    yield wake
    wake.close()


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    yield stop
    stop.close()


@pytest.fixture
def on_signal() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Have SIGUSR1 call something, as SIGTERM does in the worker."""
    before = signal.getsignal(signal.SIGUSR1)

    def install(action: Callable[[], None]) -> None:
        def handle(number: int, frame: FrameType | None) -> None:
            action()

        signal.signal(signal.SIGUSR1, handle)

    yield install
    signal.signal(signal.SIGUSR1, before)


def seconds(action: Callable[[], object]) -> float:
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def test_a_wake_that_nobody_sets_lets_sleep(wake: Wake) -> None:
    begun = time.monotonic()
    assert not wake.wait(0.1)
    assert time.monotonic() - begun >= 0.09


def test_a_wake_that_was_set_before_is_not_lost(wake: Wake) -> None:
    wake.set()
    assert wake.wait(LONG)


def test_waiting_clears_the_wake(wake: Wake) -> None:
    for _ in range(3):
        wake.set()
    wake.wait(LONG)
    assert not wake.wait(0)


def test_a_wake_is_set_from_another_thread(wake: Wake) -> None:
    timer = threading.Timer(0.1, wake.set)
    timer.start()
    assert seconds(lambda: wake.wait(LONG)) < 1
    timer.join()


def test_a_wake_that_is_set_very_often_never_blocks(wake: Wake) -> None:
    for _ in range(70_000):  # more than a pipe holds
        wake.set()
    assert wake.wait(LONG)
    assert not wake.wait(0)


def test_no_wake_is_lost_between_two_threads(wake: Wake) -> None:
    answer = Wake()
    rounds = 2000

    def echo() -> None:
        for _ in range(rounds):
            if wake.wait(LONG):
                answer.set()

    echoing = threading.Thread(target=echo)
    echoing.start()
    heard = 0
    for _ in range(rounds):
        wake.set()
        heard += answer.wait(LONG)
    echoing.join()
    answer.close()
    assert heard == rounds


def test_a_wake_is_waited_for_beside_a_socket(wake: Wake) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(wake, selectors.EVENT_READ)
        assert not selector.select(0)
        wake.set()
        assert selector.select(LONG)


def test_a_negative_time_does_not_sleep(wake: Wake, stop: Stop) -> None:
    assert seconds(lambda: wake.wait(-1)) < 0.5
    assert seconds(lambda: stop.wait(-1)) < 0.5


def test_a_stop_stays_set(stop: Stop) -> None:
    assert not stop
    stop.set()
    assert stop
    assert stop.wait(LONG)
    assert stop.wait(LONG)


def test_a_stop_that_nobody_sets_lets_sleep(stop: Stop) -> None:
    assert not stop.wait(0.05)
    assert not stop


@pytest.fixture
def obeying(stop: Stop) -> Iterator[Stop]:
    before = signal.getsignal(signal.SIGUSR1)
    stop.obey(signal.SIGUSR1)
    yield stop
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGUSR1, before)


def test_a_stop_wakes_whoever_sleeps_though_another_thread_got_the_signal(obeying: Stop) -> None:
    def receive() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    other = threading.Timer(0.1, receive)
    other.start()
    assert seconds(lambda: obeying.wait(LONG)) < 1
    assert obeying
    other.join()


def test_a_stop_wakes_all_who_sleep(stop: Stop) -> None:
    wakes = [stop.attach(Wake()) for _ in range(3)]
    stopped: list[bool] = []
    waiting = threading.Thread(target=lambda: stopped.append(stop.wait(LONG)))
    waiting.start()
    stop.set()
    waiting.join(1)
    assert stopped == [True]
    assert all(wake.wait(0) for wake in wakes)


def test_whoever_is_attached_after_the_stop_is_woken_too(stop: Stop) -> None:
    stop.set()
    wake = stop.attach(Wake())
    assert wake.wait(0)


def test_setting_a_stop_twice_wakes_once(stop: Stop) -> None:
    wake = stop.attach(Wake())
    stop.set()
    wake.wait(LONG)
    stop.set()
    assert not wake.wait(0)


def test_a_stop_is_set_from_a_signal_handler(
    stop: Stop, on_signal: Callable[[Callable[[], None]], None]
) -> None:
    on_signal(stop.set)
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    timer.start()
    assert seconds(lambda: stop.wait(LONG)) < 1
    assert stop
    timer.join()


def test_a_wake_is_set_from_a_signal_handler(
    wake: Wake, on_signal: Callable[[Callable[[], None]], None]
) -> None:
    on_signal(wake.set)
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    timer.start()
    assert seconds(lambda: wake.wait(LONG)) < 1
    timer.join()


def test_a_signal_that_is_none_of_its_business_does_not_end_the_sleep(
    wake: Wake, on_signal: Callable[[Callable[[], None]], None]
) -> None:
    on_signal(lambda: None)
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    timer.start()
    assert seconds(lambda: wake.wait(0.3)) >= 0.29
    timer.join()


def test_signals_in_a_storm_of_wakes_do_not_deadlock(
    stop: Stop, on_signal: Callable[[Callable[[], None]], None]
) -> None:
    wake = stop.attach(Wake())
    on_signal(stop.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    for _ in range(1000):
        wake.set()
        os.kill(os.getpid(), signal.SIGUSR1)
    assert stop.wait(0)
    assert wake.wait(0)


def test_a_pipe_that_is_full_of_signals_keeps_nobody_asleep(stop: Stop) -> None:
    wake = stop.attach(Wake())
    os.write(stop._write, bytes(10_000_000))  # as much of it as there is room for
    stop.set()
    assert (stop.wait(0), wake.wait(0)) == (True, True)


def test_a_part_ends_with_the_whole_or_alone(stop: Stop) -> None:
    part, other = PartStop(stop), PartStop(stop)
    part.set()
    assert (bool(part), bool(other), bool(stop)) == (True, False, False)
    stop.set()
    assert other


def test_a_wake_that_was_detached_is_left_alone(stop: Stop, wake: Wake) -> None:
    kept = stop.attach(Wake())
    stop.attach(wake)
    stop.detach(wake)
    stop.set()
    assert (wake.wait(0), kept.wait(0)) == (False, True)


def test_a_wake_that_nobody_knows_any_more_leaves_no_descriptor() -> None:
    wake = Wake()
    descriptor = wake.fileno()
    del wake
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
