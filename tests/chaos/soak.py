"""Everything at random for as long as wanted: pollers, servers and cables fall and rise."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.chaos.footprint import LEAST, Footprint, footprint, growth
from tests.chaos.invariants import ids_by_subject
from tests.chaos.network import Cable
from tests.chaos.repeats import Trouble, unexplained_repeats
from tests.chaos.weather import MAILS_PER_SECOND, Clearing, Strike
from tests.polling.examples import mail
from tests.servers.endpoint import Endpoint
from tests.servers.exchange import HANG, Answer
from tests.servers.mailbox import Mailbox
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.runpoller import ManageCommand

Start = Callable[[Path], ManageCommand]
Say = Callable[[str], None]
POLLERS = 3
WELL = Answer(delay=0.02)
LOOK_SECONDS = 1.0
# All others may have a request refused, or answered so that nobody hears it.
REPEATS_NOTHING = "stop"


class Soak:
    """Several pollers on one PostgreSQL. The first of them is never killed: it is the one whose
    memory, descriptors and threads are watched."""

    def __init__(
        self,
        start: Start,
        folder: Path,
        mailboxes: list[Mailbox],
        endpoint: Endpoint,
        servers: tuple[RedisServer, PostgresServer],
        cables: Mapping[str, Cable],
        seed: int,
    ) -> None:
        self._start = start
        self._folder = folder
        self.mailboxes = mailboxes
        self._endpoint = endpoint
        self._redis, self._postgres = servers
        self._cables = cables
        self._rng = random.Random(seed)
        self._clearing = Clearing()
        self._frozen: set[ManageCommand] = set()
        self.struck: Counter[str] = Counter()
        self._troubles: list[Trouble] = []
        self.sent = 0
        self.prints: list[Footprint] = []
        self.commands: list[ManageCommand] = []
        self.running = [self._another() for _ in range(POLLERS)]
        self.begun = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    def at_work(self) -> bool:
        return all("BG_POLLER" in each.output for each in self.running)

    def blow(self, forecast: list[Strike], seconds: float, say: Say) -> None:
        self.begun = time.monotonic()
        coming, next_mail, next_look, next_line = list(forecast), 0.0, 0.0, 60.0
        self._endpoint.answer(WELL)
        while (now := self.seconds) < seconds:
            self._clearing.clear(now)
            while coming and coming[0].at <= now:
                self._strike(coming.pop(0))
            if now >= next_mail:
                self.send()
                next_mail = now + self._rng.expovariate(MAILS_PER_SECOND)
            if now >= next_look:
                self._look()
                next_look = now + LOOK_SECONDS
            if now >= next_line:
                say(self.line())
                next_line += 60.0
            time.sleep(0.02)
        self._clearing.clear(float("inf"))

    def send(self) -> None:
        self._rng.choice(self.mailboxes).drop([mail(f"mail {self.sent}")])
        self.sent += 1

    def all_settled(self) -> bool:
        return not any(mailbox.uids("UNKEYWORD $RenderSignal") for mailbox in self.mailboxes)

    def stop(self) -> None:
        for each in self.running:
            each.signal(signal.SIGTERM)
        for each in self.running:
            each.wait(30)

    def unexplained_repeats(self) -> list[str]:
        return unexplained_repeats(self._endpoint.requests, self._troubles)

    def growth(self) -> list[str]:
        """Of what was seen until the storm was over: what comes after it is at rest."""
        return growth(self.prints)

    def verdict(self) -> str:
        if len(self.prints) < LEAST:
            return "too short to say whether memory grows"
        return ", ".join(self.growth()) or "memory, descriptors and threads do not grow"

    def line(self) -> str:
        ids = ids_by_subject(self._endpoint)
        repeats = sum(map(len, ids.values())) - len(ids)
        struck = ", ".join(f"{kind} {count}" for kind, count in sorted(self.struck.items()))
        return (
            f"{self.seconds / 60:5.1f} min: {self.sent} mails, {len(ids)} delivered, "
            f"{repeats} repeats; {self.prints[-1]}; {struck}"
        )

    def _another(self) -> ManageCommand:
        command = self._start(self._folder / f"disk-{len(self.commands)}")
        self.commands.append(command)
        return command

    def _look(self) -> None:
        assert self.running[0].returncode is None, self.running[0].output
        self.prints.append(footprint(self.running[0].pid))

    def _strike(self, strike: Strike) -> None:
        kind, _, what = strike.kind.partition(" ")
        place = what or kind
        if place in self._clearing.under_way:
            return  # it is down already
        ends = strike.at + strike.lasts
        self.struck[strike.kind] += 1
        self._note(strike)
        match kind:
            case "kill" | "stop":
                self._replace(kind, 1 + int(strike.choice * (POLLERS - 1)))
            case "freeze":
                self._freeze(self.running[int(strike.choice * POLLERS)], ends)
            case "cut":
                cable = self._cables[what]
                cable.cut()
                self._clearing.add(place, ends, cable.mend)
            case "restart":
                self._restart(self._redis if what == "Redis" else self._postgres, place, ends)
            case _:
                self._endpoint.answer(HANG if kind == "silence" else Answer(status=503))
                self._clearing.add(place, ends, lambda: self._endpoint.answer(WELL))

    def _note(self, strike: Strike) -> None:
        if strike.kind == REPEATS_NOTHING:
            return
        now = time.monotonic()
        ended = now if strike.kind == "kill" else now + strike.lasts
        self._troubles.append(Trouble(strike.kind, now, ended))

    def _restart(self, server: RedisServer | PostgresServer, place: str, ends: float) -> None:
        """PostgreSQL in order: a kill would leave it without what it has to keep, since the
        tests have it keep nothing."""
        if isinstance(server, RedisServer):
            server.kill()
        else:
            server.stop()
        self._clearing.add(place, ends, server.start)

    def _freeze(self, command: ManageCommand, ends: float) -> None:
        command.freeze()
        self._frozen.add(command)

        def thaw() -> None:
            self._frozen.discard(command)
            command.thaw()

        self._clearing.add("freeze", ends, thaw)

    def _replace(self, kind: str, place: int) -> None:
        victim = self.running[place]
        if victim in self._frozen:  # it would not hear
            victim.thaw()
        if kind == "kill":
            victim.kill()
        else:
            victim.signal(signal.SIGTERM)
        self.running[place] = self._another()
