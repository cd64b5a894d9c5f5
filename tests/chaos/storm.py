"""Mails that keep coming while pollers fall, and what has to be true of them afterwards."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from redis import Redis

from polling.lock import redis_key
from tests.chaos.crew import WAKING_SECONDS, Blow, Crew
from tests.chaos.wiretap import Visit, Wiretap
from tests.polling.examples import mail
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

TTL = 6
# After the moment in which others may have the mailbox.
TAKEOVER_SECONDS = 6.0
# Whoever is left may have to log in to all of them, on a busy machine.
LOGIN_SECONDS = 0.2
MAILS_PER_SECOND = 4.0
BLOWS = {"kill": 5, "stop": 3, "freeze": 2}
GAPS = (2.0, 4.5)
# A request that is not older than this when its sender falls may not have been marked yet.
IN_FLIGHT_SECONDS = 2.0
# After which what was under way at a kill has been sent again: the lease of a delivery, the time
# between two sweeps, and a moment.
UNDER_WAY_SECONDS = 10.0 + 2.0 + 3.0


@dataclass(eq=False)
class Probe:
    """A mail to a mailbox that has just lost its poller: its arrival shows that it is served."""

    subject: str
    mailbox: str
    blow: Blow
    due: float


@dataclass
class Storm:
    crew: Crew
    mailboxes: Mapping[str, Mailbox]
    redis: Redis
    endpoint: Endpoint
    wiretap: Wiretap
    rng: random.Random
    shared_database: bool
    sent: list[str] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    held: dict[Blow, list[str]] = field(default_factory=dict)
    _heard: dict[str, float] = field(default_factory=dict)
    _looked: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def takeover(self) -> float:
        return TAKEOVER_SECONDS + LOGIN_SECONDS * len(self.mailboxes)

    def blow(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        next_blow = time.monotonic() + self.rng.uniform(*GAPS)
        next_mail = 0.0
        while (now := time.monotonic()) < ends or self.probes:
            if now >= next_mail and now < ends:
                self.send(self.rng.choice(list(self.mailboxes)))
                next_mail = now + self.rng.expovariate(MAILS_PER_SECOND)
            if now >= next_blow and now < ends and self._strike():
                next_blow = now + self.rng.uniform(*GAPS)
            if self.crew.frozen and now > self.crew.frozen.at + TTL + self.takeover:
                self.crew.thaw()
            self.crew.see_off()
            self.look()
            time.sleep(0.02)

    def send(self, name: str) -> str:
        subject = f"{name} {len(self.sent)}"
        self.sent.append(subject)
        self.mailboxes[name].drop([mail(subject)])
        return subject

    def holdings(self, process: ManageCommand) -> list[str]:
        """The mailboxes whose lock it holds."""
        names = list(self.mailboxes)
        values = self.redis.mget([redis_key(name) for name in names])
        prefix = f"pid={process.pid} "
        return [
            name for name, value in zip(names, values, strict=True) if str(value).startswith(prefix)
        ]

    def look(self) -> None:
        """Note what has arrived; fail when a mailbox was not served again in time."""
        requests = self.endpoint.requests
        for request in requests[self._looked :]:
            self._heard.setdefault(request.json["subject"], request.time)
        self._looked = len(requests)
        for probe in self.probes[:]:
            heard = self._heard.get(probe.subject)
            if heard is not None:
                self.waits[probe.blow.kind].append(heard - probe.blow.at)
                self.probes.remove(probe)
            late = (heard or time.monotonic()) > probe.due
            assert not late, f"{probe.mailbox} waits {self.takeover:g} s after a {probe.blow.kind}"

    def all_heard(self) -> bool:
        self.look()
        return len(self._heard) == len(self.sent)

    def repeats(self) -> Counter[str]:
        """How many requests a mail had beyond its first; each with the id of the first."""
        ids = defaultdict(list)
        for request in self.endpoint.requests:
            ids[request.json["subject"]].append(request.headers["webhook-id"])
        assert all(len(set(each)) == 1 for each in ids.values())
        return Counter({subject: len(each) - 1 for subject, each in ids.items() if len(each) > 1})

    def unexplained_repeats(self) -> list[str]:
        """Mails that were sent twice although nobody fell while they were in flight."""
        times = defaultdict(list)
        for request in self.endpoint.requests:
            times[request.json["subject"]].append(request.time)
        return [
            f"{subject} at {self._since_start(times[subject])}"
            for subject in self.repeats()
            if not any(self._in_flight(at, subject) for at in times[subject])
        ]

    def timeline(self) -> str:
        """What was done to whom, in seconds since the start."""
        return "\n".join(
            f"{blow.kind} pid={blow.victim.pid} at {self._since_start([blow.at, blow.ended])} "
            f"holding {', '.join(self.held[blow])}"
            for blow in self.crew.blows
        )

    def _since_start(self, moments: list[float]) -> str:
        return " and ".join(f"{moment - self.begun:.2f}" for moment in moments)

    def unexplained_overlaps(self) -> list[str]:
        """Mailboxes with two sessions at once, beside what a frozen one still had open."""
        return [
            f"{first.user}: {first.ended - second.began:.3f} s together"
            for first, second in self.wiretap.overlaps()
            if not any(self._explains(blow, first, second) for blow in self.crew.blows)
        ]

    def _explains(self, blow: Blow, first: Visit, second: Visit) -> bool:
        held = {self.mailboxes[name].user for name in self.held[blow]}
        return (
            blow.kind == "freeze"
            and first.user in held
            and blow.at <= second.began
            and first.ended <= blow.ended + WAKING_SECONDS
        )

    def _in_flight(self, at: float, subject: str) -> bool:
        for blow in self.crew.blows:
            if blow.kind == "stop":
                continue
            if blow.at - IN_FLIGHT_SECONDS < at < blow.at + 0.5:
                return True
            if blow.kind == "freeze" and blow.ended <= at < blow.ended + IN_FLIGHT_SECONDS:
                return True
        return False

    def _strike(self) -> bool:
        """False if nobody may fall now: somebody has to stand by."""
        ready = self.crew.standing_by()
        if len(ready) < (3 if self.crew.frozen else 2):
            return False
        kinds = [kind for kind in BLOWS if kind != "freeze" or not self.crew.frozen]
        kind = self.rng.choices(kinds, [BLOWS[kind] for kind in kinds])[0]
        victim = self.rng.choice(ready)
        held = self.holdings(victim)
        blow = self.crew.strike(kind, victim)
        if kind == "freeze":  # it may have been about to take another one
            held = self.holdings(victim)
        self.held[blow] = held
        self.probes = [probe for probe in self.probes if probe.mailbox not in held]
        if kind != "stop" and self.shared_database:  # whose mail it was sending is not known
            for probe in self.probes:
                probe.due = max(probe.due, blow.at + UNDER_WAY_SECONDS)
        limit = self.takeover + (0 if kind == "stop" else TTL)
        for name in held:
            self.probes.append(Probe(self.send(name), name, blow, blow.at + limit))
        return True
