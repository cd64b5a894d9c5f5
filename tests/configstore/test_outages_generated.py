"""Any course of outages, saves, edits by others and restarts, against a model of a few lines."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from configstore.backends.base import JSONObject, StoreUnavailable
from configstore.backends.fallback import FallbackChain
from configstore.documents import PollingConfig
from configstore.keeping import Keeper
from configstore.store import ConfigStore
from tests.configstore.examples import Shelf

NAME = "polling_config"
LABELS = ("Redis", "PHP", "file")
TROUBLES = ("away", "full", "forgets_to_answer")
places = st.integers(0, 2)
processes = st.integers(0, 1)


class Outages(RuleBasedStateMachine):
    """Two processes of one machine.

    truth is what must be in force when all is well again: the last save, or a later edit of
    somebody else in the first store, also one that a save did not know of. believed is what
    this machine can know of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.shelves = [Shelf(label) for label in LABELS]
        self.disk = (Shelf("last good"), Shelf("pending"))
        self.stores = [self.start(), self.start()]
        self.counter = 0
        self.truth: JSONObject | None = None
        self.believed: JSONObject | None = None
        self.saved_last = True
        self.saw_edit = True

    def start(self) -> ConfigStore:
        chain = FallbackChain(list(self.shelves), monotonic=lambda: self.now)
        return ConfigStore(chain, Keeper(*self.disk), {}, monotonic=lambda: self.now)

    def another(self) -> JSONObject:
        self.counter += 1
        return {"interval_seconds": self.counter}

    def anyone_forgets(self) -> bool:
        """Then nobody can tell a store that took a removal from one that lost its document, nor
        whether the lower ones hold what was never said to be saved."""
        return any(shelf.forgets_to_answer for shelf in self.shelves)

    @property
    def top(self) -> Shelf:
        return self.shelves[0]

    def look(self) -> None:
        """What each look at the first store tells this machine."""
        if not self.top.away:
            self.saw_edit = True
            self.believed = self.truth

    def save(self, process: int, document: JSONObject | None) -> None:
        self.look()
        before = self.top.documents.get(NAME)
        try:
            self.stores[process].save(PollingConfig, NAME, document)
        except StoreUnavailable:
            if self.top.documents.get(NAME) != before:
                # The first store has it although nobody knows: as if somebody else had done it.
                self.truth, self.saved_last, self.saw_edit = document, False, False
            elif self.anyone_forgets():
                self.saved_last = False  # a lower store may have it all the same
            return
        self.believed = document
        if self.saw_edit:
            self.truth, self.saved_last = document, True

    @initialize()
    def begin(self) -> None:
        self.save(0, self.another())

    @precondition(lambda self: self.truth is not None or not self.anyone_forgets())
    @rule(process=processes)
    def change(self, process: int) -> None:
        self.save(process, self.another())

    @precondition(lambda self: not self.anyone_forgets())
    @rule(process=processes)
    def remove(self, process: int) -> None:
        self.save(process, None)

    @rule()
    def edit(self) -> None:
        self.truth = self.top.documents[NAME] = self.another()
        self.saved_last, self.saw_edit = False, False

    @rule(place=places, trouble=st.sampled_from(TROUBLES))
    def trouble(self, place: int, trouble: str) -> None:
        setattr(self.shelves[place], trouble, True)

    @rule(place=places)
    def mend(self, place: int) -> None:
        for trouble in TROUBLES:
            setattr(self.shelves[place], trouble, False)

    @rule(process=processes)
    def restart(self, process: int) -> None:
        self.stores[process] = self.start()

    @rule(seconds=st.sampled_from([1, 3, 10]), process=processes)
    def wait(self, seconds: int, process: int) -> None:
        self.now += seconds
        self.stores[process].current(PollingConfig)
        self.look()

    @invariant()
    def what_is_known_is_in_force(self) -> None:
        self.look()
        for store in self.stores:
            assert store.current(PollingConfig).raw == self.believed

    def teardown(self) -> None:
        for place in range(3):
            self.mend(place)
        for _ in range(3):
            self.wait(10, 0)
            self.wait(10, 1)
        assert self.disk[1].documents == {}
        assert self.top.documents.get(NAME) == self.truth
        assert [store.current(PollingConfig).raw for store in self.stores] == [self.truth] * 2
        if self.saved_last:
            assert [shelf.documents.get(NAME) for shelf in self.shelves] == [self.truth] * 3


@pytest.mark.usefixtures("stores_are_asked_again_at_once")
class TestOutages(Outages.TestCase):  # type: ignore[valid-type,misc]
    settings = settings(
        max_examples=80,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
