"""What must hold after every step: section 2 of the design."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from polling.term import HeldBy
from tests.simulation.container import Container
from tests.simulation.folder import Letter

if TYPE_CHECKING:
    from tests.simulation.session import SimulatedSession
    from tests.simulation.world import World

# A database knows each mail up to its watermark, unless it was settled before, and it has a
# delivery for each that is relayed.
UNKNOWN = """
SELECT state.start_uid, state.last_uid, state.uidvalidity, state.id FROM polling_mailboxstate state
WHERE state.last_uid IS NOT NULL AND state.identity = ?
"""
KNOWN = "SELECT uid FROM polling_mail WHERE mailbox_id = ? AND uidvalidity = ?"
UNQUEUED = """
SELECT mail.subject FROM polling_mail mail WHERE mail.state = 'relayed' AND NOT EXISTS (
SELECT 1 FROM webhooks_delivery delivery WHERE delivery.message_id = mail.message_id)
"""
# What an endpoint has accepted to our knowledge is never open again.
REOPENED = """
SELECT delivery.subject FROM webhooks_delivery delivery
JOIN webhooks_attempt attempt ON attempt.delivery_id = delivery.id
WHERE attempt.outcome = 'delivered' AND delivery.settled_at IS NULL
"""
ENDED = """
SELECT delivery.webhook_id, attempt.token FROM webhooks_attempt attempt
JOIN webhooks_delivery delivery ON attempt.delivery_id = delivery.id
WHERE attempt.outcome = 'failed'
"""
SOURCE = "SELECT source FROM webhooks_delivery WHERE webhook_id = ?"
STATES = "SELECT state FROM webhooks_delivery WHERE subject = ?"
CLAIMED = "SELECT subject, source, webhook_id, token FROM webhooks_delivery WHERE state = 'sending'"
FINAL = {"delivered", "dead", "cancelled"}


class Broken(BaseException):
    """A guarantee does not hold. The product catches no such exception."""


class Guarantees:
    def __init__(self, world: World) -> None:
        self._world = world
        self._forgotten_until = 0.0
        self._settled: dict[str, int] = {}
        self._excuses = world.excuses
        # The tokens of tries that have ended.
        self._ended: set[tuple[str, str]] = set()
        self._marked: set[Letter] = set()
        self._terms: dict[tuple[str, str], tuple[object, int]] = {}

    def redis_forgot(self, seconds: float) -> None:
        """Until then two may believe that they have a lock."""
        self._world.excuses.note("forgot")
        self._forgotten_until = self._world.now() + seconds

    def accepted(self, endpoint: str, webhook_id: str, subject: str, container: Container) -> None:
        """Before it is."""
        receiver, world = self._world.receiver, self._world
        names = receiver.by_subject[endpoint, subject] | {webhook_id}
        self._hold(len(names) == 1, f"{subject} came under several ids: {sorted(names)}")
        for first in receiver.accepted[webhook_id]:
            world.tell(f"    ! {subject} comes again")
            self._hold(
                self._excuses.excused(webhook_id, subject, first, container),
                f"{subject} comes again, from {container.value} after {first.value} sent it in "
                f"step {first.step}",
            )

    def claimed(self, container: Container) -> None:
        """What the mailbox says is settled is not claimed by who was told so."""
        for subject, source, webhook_id, token in container.database.rows(CLAIMED):
            self._excuses.claimed(container, webhook_id, token)
            if self._world.shared is not None:
                continue
            if self._world.folders[source].has_unsettled(subject):
                continue  # it has arrived again
            settled = self._settled.get(subject)
            _, began = self._terms.get((container.value, source), (None, 1 << 30))
            keywords = self._world.folders[source].keywords
            self._hold(
                settled is None or settled >= began or not keywords,
                f"{container.name} claims {subject}, which was marked in step {settled}",
            )

    def begins(self, container: Container, webhook_id: str, subject: str) -> None:
        """With a disk of its own a process sends what belongs to mailboxes whose lock it has."""
        if self._world.shared is not None:
            return
        leases = container.leases()
        for (source,) in container.database.rows(SOURCE, webhook_id):
            held = source not in leases or leases[source].term() is not None
            self._hold(held, f"{container.name} sends {subject} without the lock of {source}")

    def settling(self, container: Container) -> None:
        """Before it is committed: a claim that has passed to somebody else says nothing."""
        for webhook_id, token in container.database.rows(ENDED):
            if (webhook_id, token) in self._ended:
                continue
            self._ended.add((webhook_id, token))
            last = self._excuses.last_claim(container.database, webhook_id)
            self._hold(
                last in ("", token), f"{container.name} settles by a claim that has passed on"
            )

    def marked(self, letter: Letter) -> None:
        """The flags of this mail were changed."""
        world = self._world
        folder = next(each for each in world.folders.values() if letter in each.letters)
        if not folder.settled(letter) or letter in self._marked or world.here is None:
            return
        self._marked.add(letter)
        self._settled.setdefault(letter.subject, world.step)
        self._hold(letter.wanted, f"{letter.subject} is marked, and is none of ours")
        database = world.here.database
        self._hold(not database.in_transaction, f"{letter.subject} is marked before the commit")
        states = {state for (state,) in database.rows(STATES, letter.subject)}
        self._hold(bool(states) and states <= FINAL, f"{letter.subject} is marked while {states}")
        done = world.receiver.has("default", letter.subject)
        self._hold(
            done or letter.subject in world.receiver.refused,
            f"{letter.subject} is marked, and nobody has accepted it",
        )

    def resting(self, container: Container, session: SimulatedSession) -> None:
        """A poller waits for news. Whoever reads a mail of ours meanwhile does not lose it with
        our disk."""
        folder = session.folder
        for letter in folder.letters:
            lost = letter.wanted and not (folder.settled(letter) or folder.undertaken(letter))
            self._hold(
                not (lost and folder.keywords), f"nothing shows that {letter.subject} is ours"
            )

    def check(self, container: Container) -> None:
        """After a step of this container."""
        self._check_locks()
        self._excuses.note_lasting()
        if not container.database.in_transaction:
            for broken in self._journal_faults(container):
                self._hold(False, broken)

    def _check_locks(self) -> None:
        holders: dict[str, list[str]] = {}
        for container in self._world.containers:
            if not container.alive:
                continue
            for name, lease in container.leases().items():
                term, key = lease.term(), (container.value, name)
                if term is None:
                    continue
                if self._terms.get(key, (None, 0))[0] is not term:
                    self._terms[key] = (term, self._world.step)
                if term.held_by is HeldBy.FILE and not self._world.shared:
                    # Each machine has its own: there may be several pollers.
                    self._excuses.note("file", container.value)
                if term.held_by is HeldBy.REDIS:
                    holders.setdefault(name, []).append(container.name)
        for name, found in holders.items():
            alone = len(found) == 1 or self._world.now() < self._forgotten_until
            self._hold(alone, f"{name} has several pollers: {found}")

    def _journal_faults(self, container: Container) -> Iterator[str]:
        database = container.database
        for folder in self._world.folders.values():
            identity = f"{folder.name}@relay.example@imap.example:993/INBOX"
            for start, last, uidvalidity, key in database.rows(UNKNOWN, identity):
                if uidvalidity != folder.uidvalidity:
                    continue
                known = {uid for (uid,) in database.rows(KNOWN, key, uidvalidity)}
                for letter in folder.letters:
                    passed = (start or 0) < letter.uid <= last and letter.uid not in known
                    if passed and not folder.settled(letter):
                        yield f"{container.name} has passed over {letter.subject}"
        for (subject,) in database.rows(UNQUEUED):
            yield f"{container.name} relays {subject}, and has no delivery of it"
        for (subject,) in database.rows(REOPENED):
            yield f"{container.name} sends {subject} again, which was delivered"

    def unfinished(self) -> list[str]:
        """What has not come to its end, and should after a quiet time."""
        return list(self._unfinished())

    def _unfinished(self) -> Iterator[str]:
        refused = self._world.receiver.refused
        for folder in self._world.folders.values():
            for letter in folder.letters:
                # Without keywords there is no mark for a mail that could not be delivered.
                markable = folder.keywords or letter.subject not in refused
                if letter.wanted and markable and not folder.settled(letter):
                    yield f"{letter.subject} is not marked"

    def end(self) -> None:
        self._hold(not (left := self.unfinished()), f"after a quiet time: {', '.join(left)}")

    def _hold(self, holds: bool, sentence: str) -> None:
        if not holds:
            raise Broken(f"step {self._world.step}: {sentence}")
