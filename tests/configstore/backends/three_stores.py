"""Three stores in a chain, and what is carried to those that have missed a save."""

from __future__ import annotations

from configstore.backends.base import JSONObject
from configstore.backends.fallback import FallbackChain, Reading, Written
from configstore.backends.json_text import version_of
from configstore.carrying import Carrier
from configstore.keeping import Keeper, LastGood, Pending
from tests.configstore.examples import Shelf

NAME = "polling_config"
OLD, OURS, THEIRS = {"old": 1}, {"ours": 1}, {"theirs": 1}


class ThreeStores:
    def __init__(self) -> None:
        self.now = 1000.0
        self.redis, self.php, self.file = (Shelf(label) for label in ("Redis", "PHP", "file"))
        self.shelves = [self.redis, self.php, self.file]
        self.disk = Shelf("pending")
        self.keeper = Keeper(Shelf("last good"), self.disk)
        self.chain = FallbackChain(list(self.shelves), monotonic=lambda: self.now)
        self.carrier = Carrier(self.chain, self.keeper, monotonic=lambda: self.now)
        for shelf in self.shelves:
            shelf.documents[NAME] = OLD
        self.keeper.keep(NAME, LastGood(document=OLD, seen={"Redis": version_of(OLD)}))

    def write(self, document: JSONObject | None) -> Written:
        return self.carrier.write(NAME, document, self.chain.read(NAME))

    def carry(self) -> tuple[Reading, Pending | None]:
        pending = self.keeper.pending(NAME)
        assert pending is not None
        return self.carrier.carry(NAME, pending, self.chain.read(NAME))

    def held(self) -> list[JSONObject | None]:
        return [shelf.documents.get(NAME) for shelf in self.shelves]
