"""What has to be true after every case, however it went."""

from __future__ import annotations

import fcntl
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from redis import Redis

from polling.lock_value import value_text
from tests.chaos import journal
from tests.chaos.journal import Journal
from tests.servers.endpoint import Endpoint
from tests.servers.mailbox import Mailbox
from tests.servers.runpoller import ManageCommand

LOCK = "render_signal:poller_lock"
FOLDERS = ("INBOX", "Done")  # the second is where the tests have relayed mails moved to
MARK = b"$RenderSignal"
FORM = "application/x-www-form-urlencoded"
KILLED = -9


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """All processes have ended.

    mailboxes: no two mails in them have the same subject. repeats: how many requests there may be
    beyond one for each mail. journals: those that were not thrown away; complete: none was.
    exit_codes: of those that were not killed.
    """

    mailboxes: Sequence[Mailbox]
    endpoint: Endpoint
    journals: Sequence[Journal]
    commands: Sequence[ManageCommand]
    redis: Redis | None = None
    repeats: int = 0
    complete: bool = True
    exit_codes: frozenset[int] = frozenset({0})


def assert_invariants(after: Aftermath) -> None:
    """Every mail is settled or still to be found; repeats only where they are allowed, with
    equal ids; the journal agrees with the receiver; nothing is left behind."""
    checks = (_custody, _repeats, _journals, _processes, _locks)
    broken = [line for check in checks for line in check(after)]
    assert not broken, "\n".join(broken)


def ids_by_subject(endpoint: Endpoint) -> dict[str, list[str]]:
    """A mail in both forms is one request."""
    found = defaultdict(list)
    for request in endpoint.requests:
        if request.headers["Content-Type"] != FORM:
            found[request.json["subject"]].append(request.headers["webhook-id"])
    return dict(found)


def _custody(after: Aftermath) -> Iterator[str]:
    heard = ids_by_subject(after.endpoint).keys()
    dead = {subject for each in after.journals for subject in journal.dead(each)}
    for mailbox in after.mailboxes:
        marked = _marked(mailbox)
        for subject in _sent(mailbox):
            if subject not in marked:
                yield f"{subject}: vanished from the mailbox"
            elif marked[subject] and subject not in heard | dead:
                yield f"{subject}: marked as settled, neither delivered nor dead"


def _sent(mailbox: Mailbox) -> list[str]:
    return [message_from_bytes(head)["Subject"] for head in mailbox.heads]


def _marked(mailbox: Mailbox) -> dict[str, bool]:
    """The subjects in it, and whether they are marked as settled."""
    found = {}
    with mailbox.client() as client:
        for folder in FOLDERS:
            if not client.folder_exists(folder):
                continue
            client.select_folder(folder, readonly=True)
            mails = client.fetch(client.search(), ["FLAGS", "ENVELOPE"])
            for mail in mails.values():
                found[mail[b"ENVELOPE"].subject.decode()] = MARK in mail[b"FLAGS"]
    return found


def _repeats(after: Aftermath) -> Iterator[str]:
    ids = ids_by_subject(after.endpoint)
    for subject, each in ids.items():
        if len(set(each)) > 1:
            yield f"{subject}: sent with several ids"
    if (more := sum(map(len, ids.values())) - len(ids)) > after.repeats:
        twice = [subject for subject, each in ids.items() if len(each) > 1]
        yield f"{more} repeats, {after.repeats} are allowed: {twice}"
    known = {subject for mailbox in after.mailboxes for subject in _sent(mailbox)}
    if unknown := ids.keys() - known:
        yield f"sent and never received: {unknown}"


def _journals(after: Aftermath) -> Iterator[str]:
    requests = Counter(id for ids in ids_by_subject(after.endpoint).values() for id in ids)
    tries: Counter[str] = Counter()
    for each in after.journals:
        for name, outcomes in journal.tries(each).items():
            tries[name] += len(outcomes)
            if (delivered := outcomes.count("delivered")) > requests[name]:
                yield f"{name}: {delivered} tries were accepted, {requests[name]} were received"
        for name, state in journal.states(each).items():
            if state == "delivered" and not requests[name]:
                yield f"{name}: delivered in the journal, and never received"
            if state == "sending":
                yield f"{name}: nobody is left, and it is being sent"
        yield from journal.damage(each)
    if after.complete:
        for name, count in requests.items():
            if count > tries[name]:
                yield f"{name}: {count} were received, {tries[name]} tries are in the journal"


def _processes(after: Aftermath) -> Iterator[str]:
    homes = {f"CONFIG_STORE_DIR={each.folder}/config".encode() for each in after.commands}
    for command in after.commands:
        if command.returncode not in after.exit_codes | {KILLED}:
            yield f"exit code {command.returncode}: {command.output[-2000:]}"
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = set(path.read_bytes().split(b"\0"))
        except OSError:
            continue  # somebody else's, or gone
        if homes & variables:
            yield f"a process is left: {path.parent.name}"
    if after.endpoint.open:
        yield f"{after.endpoint.open} connections to the endpoint are left"


def _locks(after: Aftermath) -> Iterator[str]:
    keys = after.redis.scan_iter(f"{LOCK}*") if after.redis is not None else []
    for name in map(value_text, keys):
        if name == LOCK or name.startswith(f"{LOCK}:"):
            yield f"a lock is left in Redis: {name}"
    for folder in {command.folder for command in after.commands}:
        for path in folder.glob("poller.lock*"):
            with path.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield f"{path} is locked"
