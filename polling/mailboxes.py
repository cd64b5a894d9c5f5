"""The mailboxes that this process serves, as the configuration lists them."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.db import DatabaseError

from configstore.naming import mailbox_names
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.accounts import DEFAULT, NotSetUp
from polling.admission import shared_database
from polling.errors import MailboxTrouble
from polling.models import Mail
from polling.served import NotOurs, ServedMailbox, Start
from polling.sharing import build_sharing
from runtime.stopping import Stop
from webhooks import journal

logger = logging.getLogger(__name__)
RELEASE_SECONDS = 1.5
# Together with the second in which another poller looks again they make less than six.
HANDOVER_SECONDS = 3.0
FAREWELL_SECONDS = 1.0
CUTS = 2
CUT_SECONDS = 0.1


class Mailboxes:
    """adjust() is called by one thread, the others by any. Iterated without a lock: the
    dictionary is replaced, never changed. drained is set when nothing is under way after the
    stop of the process."""

    def __init__(self, store: ConfigStore, stop: Stop, on_enqueued: Callable[[], None]) -> None:
        self._store = store
        self._stop = stop
        self._on_enqueued = on_enqueued
        self._sharing = build_sharing()
        self._served: dict[str, ServedMailbox] = {}
        self._orphans: frozenset[str] = frozenset()
        self._orphans_of: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        self._lock = threading.Lock()
        self.drained = threading.Event()
        self._closed = False

    def adjust(self, start: Start) -> None:
        """Begin with mailboxes that are new in the list, end those that left it. Waits for no
        mailbox. Those that run go on while the configuration is unknown."""
        try:
            names = mailbox_names(self._store)
        except ConfigurationUnknown:
            self._begin(DEFAULT, start)
            return
        for name, mailbox in self._served.items():
            if name not in names:
                mailbox.end("is not listed any more")
            if mailbox.ended():
                self._forget(mailbox)
        if not self._served.keys() >= {*names}:
            # Whose a mailbox is must be known before it is tried: it may be somebody else's, to
            # whom it was just given.
            self._sharing.look(names)
        for name in names:
            self._begin(name, start)
        self._find_orphans(names)

    def share(self) -> None:
        """Until the stop: take part in sharing the mailboxes out among all pollers."""
        while True:
            self._share()
            if self._stop.wait(self._sharing.pause()):
                break
        self._sharing.leave()

    def _share(self) -> None:
        served = self._served
        look = self._sharing.look(tuple(served))
        for name, mailbox in served.items():
            if look is not None:
                mailbox.lease.saw(look.values[name], look.at)
            if look is None or not look.fleet.holders[name]:
                mailbox.nudge()
        if look is None:
            return
        ending = {name for name, mailbox in served.items() if mailbox.ending}
        for name in self._sharing.surplus(ending):
            if name in served:
                served[name].end("is given to another poller, which has fewer")

    def wake(self) -> None:
        for mailbox in self._served.values():
            mailbox.wake()

    def identities(self) -> list[str]:
        """Of the accounts that are worked on here."""
        served = self._served.values()
        return [each.poller.identity for each in served if each.lease.valid()]

    def silent_for(self, seconds: float) -> list[str]:
        """The names of those whose pollers have not got on for so long."""
        served = self._served.items()
        return [name for name, mailbox in served if mailbox.silent_for() >= seconds]

    def settled(self, message_ids: set[str]) -> None:
        """Tell each mailbox of its own messages; the others need not look."""
        if len(self._served) == 1:
            for mailbox in self._served.values():
                mailbox.poller.settled(message_ids)
            return
        mails = Mail.objects.filter(message_id__in=message_ids)
        concerned: dict[str, set[str]] = defaultdict(set)
        try:
            for identity, message_id in mails.values_list("mailbox__identity", "message_id"):
                concerned[identity].add(message_id)
        except DatabaseError as exc:
            logger.warning("Settled mails will be marked a little later: %s", exc)
            return
        for mailbox in self._served.values():
            if ids := concerned.get(mailbox.poller.identity):
                mailbox.poller.settled(ids)

    def sources(self) -> list[str] | None:
        """Whose deliveries may be sent from here. A database of our own may hold what another
        poller has sent since: only the holder of the lock, who has looked, sends it. A shared
        database says itself what is sent, so everybody sends everything."""
        if shared_database():
            return None
        mine = [mailbox.name for mailbox in self._served.values() if mailbox.may_deliver()]
        return [*mine, *self._orphans]

    def pass_once(self, start: Start) -> list[str]:
        """One pass of every mailbox. What went wrong, in sentences.

        Raises ConfigurationUnknown if the list is.
        """
        faults = []
        names = mailbox_names(self._store)
        for name in names:
            if self._stop:
                break
            mailbox = self._mailbox(name)
            self._served = {**self._served, name: mailbox}
            try:
                mailbox.pass_once(start)
            except NotSetUp as exc:
                if exc.has_host or name != DEFAULT or len(names) == 1:
                    faults.append(_fault(name, exc))
            except (MailboxTrouble, ConfigurationUnknown, NotOurs) as exc:
                faults.append(_fault(name, exc))
        self._find_orphans(names)
        return faults

    def leave(self) -> None:
        """After pass_once() and the last delivery."""
        for mailbox in self._served.values():
            mailbox.leave()

    def hand_over(self) -> None:
        """After the stop: let others have the mailboxes within seconds. What is under way has a
        moment to end and be marked; it is not broken off by this. Returns when all have ended."""
        with self._lock:
            self._closed = True
        ends = time.monotonic() + HANDOVER_SECONDS + FAREWELL_SECONDS
        self.drained.wait(HANDOVER_SECONDS)
        for mailbox in self._served.values():
            mailbox.drained.set()
        for mailbox in self._served.values():
            mailbox.join(max(0.0, ends - time.monotonic()))
        if lagging := [mailbox for mailbox in self._served.values() if not mailbox.ended()]:
            self._cut(lagging)

    def _cut(self, lagging: Sequence[ServedMailbox]) -> None:
        """A server that says nothing is not waited for."""
        for _ in range(CUTS):
            for mailbox in lagging:
                mailbox.cut()
            for mailbox in lagging:
                mailbox.join(CUT_SECONDS)
        self.release()
        for mailbox in lagging:
            mailbox.join()

    def release(self) -> None:
        """Let go of every lock although the work has not ended; a Redis that says nothing is
        asked for all of them at once."""
        threads = [
            threading.Thread(target=mailbox.lease.release, daemon=True)
            for mailbox in self._served.values()
        ]
        for thread in threads:
            thread.start()
        ends = time.monotonic() + RELEASE_SECONDS
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _mailbox(self, name: str) -> ServedMailbox:
        return ServedMailbox(name, self._store, self._stop, self._on_enqueued, self._sharing)

    def _begin(self, name: str, start: Start) -> None:
        with self._lock:
            if self._closed or name in self._served:
                return
            mailbox = self._mailbox(name)
            self._served = {**self._served, name: mailbox}
            mailbox.start(start)

    def _forget(self, mailbox: ServedMailbox) -> None:
        logger.info("Mailbox %s is not served here any more", mailbox.name)
        mailbox.forget()
        self._served = {name: other for name, other in self._served.items() if other is not mailbox}

    def _find_orphans(self, names: tuple[str, ...]) -> None:
        """Mailboxes that are not listed any more and have left deliveries in a database of our
        own: nobody can be asked what became of them, and what was accepted is sent."""
        known = (names, tuple(self._served))
        if shared_database() or known == self._orphans_of:
            return
        try:
            self._orphans = frozenset(journal.unsettled_sources() - {*names, *self._served})
        except DatabaseError as exc:
            logger.warning("What removed mailboxes have left is not known: %s", exc)
            return
        self._orphans_of = known
        if self._orphans:
            self._on_enqueued()


def _fault(mailbox: str, error: Exception) -> str:
    return str(error) if mailbox == DEFAULT else f"Mailbox {mailbox}: {error}"
