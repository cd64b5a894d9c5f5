"""What comes from outside: mails, people, and machines that come and go."""

from __future__ import annotations

from polling.custody import SEEN
from tests.simulation.container import Container
from tests.simulation.excuses import TTL
from tests.simulation.folder import Folder, Letter
from tests.simulation.world import World

MOST_MAILS = 4
MOST_CONTAINERS = 3


class Events:
    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = world.rng
        self._mails = 0
        self._troubles = [getattr(self, f"_{name}") for name in world.weather.troubles]

    def one(self) -> None:
        """Something happens, if it can."""
        chosen = self._rng.choice((self._arrive, self._restart, *self._troubles))
        if said := chosen():
            self._world.tell(f"* {said}")

    def begin(self) -> None:
        """Some mails are there before the first poller."""
        for _ in range(self._rng.choice((0, 1, 1, 2))):
            self._world.tell(f"* {self._arrive()}")
        for _ in range(self._rng.randint(1, 2)):
            self._join()

    def end(self) -> None:
        """All that was broken is mended; one machine may be gone for ever."""
        world = self._world
        world.away.clear()
        gone = self._rng.random() < 0.5
        for container in world.containers[int(gone and len(world.containers) > 1) :]:
            container.frozen_until = 0.0
            if not container.alive:
                world.within(container, container.start)
        if gone and len(world.containers) > 1 and world.containers[0].alive:
            world.kill(world.containers[0])

    def _folder(self) -> Folder:
        return self._rng.choice(list(self._world.folders.values()))

    def _one_of(self, alive: bool) -> Container | None:
        found = [each for each in self._world.containers if each.alive is alive]
        return self._rng.choice(found) if found else None

    def _arrive(self) -> str:
        if self._mails >= MOST_MAILS:
            return ""
        self._mails += 1
        folder, chance = self._folder(), self._rng.random()
        if chance < 0.1 and folder.letters:
            twin = self._rng.choice(folder.letters)
            folder.add(twin.subject, self._world.clock.true_now(), twin.wanted)
            return f"{twin.subject} arrives again in {folder.name}"
        subject = f"lot-{self._mails}"
        if 0.1 < chance < 0.15:
            self._world.receiver.refused.add(subject)
        folder.add(subject, self._world.clock.true_now(), wanted=chance < 0.8)
        return f"{subject} arrives in {folder.name}"

    def _kill(self) -> str:
        if (container := self._one_of(alive=True)) is None:
            return ""
        self._world.kill(container)
        return f"{container.name} is killed"

    def _restart(self) -> str:
        if (container := self._one_of(alive=False)) is None:
            return ""
        self._world.within(container, container.start)
        return f"{container.name} is started"

    def _join(self) -> str:
        if len(self._world.containers) >= MOST_CONTAINERS:
            return ""
        container = self._world.join()
        self._world.within(container, container.start)
        return f"{container.name} joins"

    def _lose_disk(self) -> str:
        container = self._one_of(alive=False)
        if container is None or self._world.shared is not None:
            return ""
        container.database.lose(self._world.step)
        return f"{container.name} gets a new disk"

    def _leave(self) -> str:
        container = self._one_of(alive=True)
        if container is None or container.frozen_until > self._world.now():
            return ""
        self._world.tell(f"* {container.name} is asked to end")
        self._world.within(container, container.leave)
        container.die()
        return f"{container.name} has ended"

    def _freeze(self) -> str:
        if (container := self._one_of(alive=True)) is None:
            return ""
        container.frozen_until = self._world.now() + self._rng.choice((5.0, 30.0, 250.0, 400.0))
        self._world.excuses.note("frozen", container.value)
        return f"{container.name} is frozen"

    def _read(self) -> str:
        folder = self._folder()
        found = [letter for letter in folder.letters if folder.undertaken(letter)]
        if not folder.keywords or not found:
            return ""
        letter = self._rng.choice(found)
        letter.flags.add(SEEN)
        return f"somebody reads {letter.subject}"

    def _delete(self) -> str:
        """Perhaps the mail that bears the mark by which later ones are found."""
        folder = self._folder()
        if (letter := self._one_of_its_name(folder)) is None:
            return ""
        folder.delete(letter)
        return f"somebody deletes {letter.subject}"

    def _move_back(self) -> str:
        folder = self._folder()
        if (letter := self._one_of_its_name(folder)) is None:
            return ""
        folder.move_back(letter)
        return f"somebody moves {letter.subject} away and back"

    def _one_of_its_name(self, folder: Folder) -> Letter | None:
        found = [each for each in folder.letters if len(folder.named(each.subject)) == 1]
        return self._rng.choice(found) if found else None

    def _toggle(self, machine: str) -> str:
        self._world.away ^= {machine}
        return f"{machine} is {'away' if machine in self._world.away else 'back'}"

    def _redis(self) -> str:
        return self._toggle("redis")

    def _imap(self) -> str:
        return self._toggle("imap")

    def _endpoint(self) -> str:
        return self._toggle("endpoint")

    def _forget(self) -> str:
        self._world.redis.flushall()
        self._world.guarantees.redis_forgot(TTL)
        return "Redis has lost its data"

    def _drop(self) -> str:
        folder = self._folder()
        folder.drop_all()
        self._world.excuses.note("imap")
        return f"all connections with {folder.name} are cut"

    def _number_anew(self) -> str:
        folder = self._folder()
        folder.number_anew()
        self._world.excuses.note("imap")
        return f"{folder.name} numbers its mails anew"

    def _calendar(self) -> str:
        if (container := self._one_of(alive=True)) is None:
            return ""
        container.ahead = self._rng.choice((-1800.0, -60.0, 0.0, 60.0, 1800.0, 864000.0))
        return f"the calendar of {container.name} is {container.ahead:g} s ahead"
