"""The answers of a good IMAP server, and hooks for a bad one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.servers.imap_mails import Criteria, ScriptedMail, in_set

if TYPE_CHECKING:
    from tests.servers.imap_session import Command, Hook, Session

IDLE_LOOK_SECONDS = 0.02


def connect(session: Session, _: Command) -> None:
    session.send(f"* OK [CAPABILITY {session.server.capabilities}] scripted\r\n")


def capability(session: Session, command: Command) -> None:
    session.send(f"* CAPABILITY {session.server.capabilities}\r\n")
    session.ok(command)


def login(session: Session, command: Command) -> None:
    session.ok(command, f"[CAPABILITY {session.server.capabilities}] logged in")


def authenticate(session: Session, command: Command) -> None:
    if " " not in command.arguments:
        session.send("+ \r\n")
        session.read_line()
    login(session, command)


def identify(session: Session, command: Command) -> None:
    session.send('* ID ("name" "scripted")\r\n')
    session.ok(command)


def done(session: Session, command: Command) -> None:
    session.ok(command)


def noop(session: Session, command: Command) -> None:
    _announce(session)
    session.ok(command)


def select(session: Session, command: Command) -> None:
    server = session.server
    session.read_only = command.name == "EXAMINE"
    session.seen = len(server.mails)
    flags = server.permanent_flags.removesuffix(r" \*")
    session.send(
        f"* {session.seen} EXISTS\r\n* 0 RECENT\r\n* FLAGS ({flags})\r\n"
        f"* OK [PERMANENTFLAGS ({server.permanent_flags})] limited\r\n"
        f"* OK [UIDVALIDITY {server.uidvalidity}] valid\r\n"
        f"* OK [UIDNEXT {server.uidnext}] next\r\n"
    )
    session.ok(command, "[READ-ONLY]" if session.read_only else "[READ-WRITE]")


def status(session: Session, command: Command) -> None:
    server = session.server
    numbers = {
        "MESSAGES": len(server.mails),
        "RECENT": 0,
        "UIDNEXT": server.uidnext,
        "UIDVALIDITY": server.uidvalidity,
        "UNSEEN": sum(r"\Seen" not in mail.flags for mail in server.mails),
    }
    folder, _, items = command.arguments.partition(" (")
    asked = [name for name in items.rstrip(")").split() if name in numbers]
    session.send(f"* STATUS {folder} ({' '.join(f'{n} {numbers[n]}' for n in asked)})\r\n")
    session.ok(command)


def list_folders(session: Session, command: Command) -> None:
    session.send('* LIST (\\HasNoChildren) "/" INBOX\r\n')
    session.ok(command)


def search(session: Session, command: Command) -> None:
    text = re.sub(r"^CHARSET \S+ ", "", command.arguments, flags=re.IGNORECASE)
    mails = session.server.mails
    criteria = Criteria(text, last=mails[-1].uid if mails else 0)
    by_uid = command.name.startswith("UID")
    window = criteria.window(len(mails))
    found = [
        str(mail.uid if by_uid else number)
        for number, mail in enumerate(mails[window], window.start + 1)
        if criteria.match(mail)
    ]
    session.send(f"{' '.join(['* SEARCH', *found])}\r\n")
    session.ok(command)


def fetch(session: Session, command: Command) -> None:
    numbers, _, items = command.arguments.partition(" ")
    for number, mail in _chosen(session, command, numbers):
        if re.search(r"BODY\[", items, re.IGNORECASE) and not session.read_only:
            mail.flags.add(r"\Seen")
        inner = mail.fetch(items.strip("()") if items.startswith("(") else items)
        session.send(f"* {number} FETCH (".encode() + inner + b")\r\n")
    session.ok(command)


def store(session: Session, command: Command) -> None:
    numbers, verb, text = command.arguments.split(" ", 2)
    flags = set(text.strip("()").split())
    for number, mail in _chosen(session, command, numbers):
        if verb.startswith("+"):
            mail.flags |= flags
        elif verb.startswith("-"):
            mail.flags -= flags
        else:
            mail.flags = flags
        if "SILENT" not in verb.upper():
            session.send(f"* {number} FETCH ({mail.fetch('FLAGS').decode()})\r\n")
    session.ok(command)


def idle(session: Session, command: Command) -> None:
    session.send("+ idling\r\n")
    while not session.readable(IDLE_LOOK_SECONDS):
        _announce(session)
    session.read_line()
    session.ok(command)


def logout(session: Session, command: Command) -> None:
    session.send("* BYE see you\r\n")
    session.ok(command)


def _announce(session: Session) -> None:
    count = len(session.server.mails)
    if count != session.seen:
        session.seen = count
        session.send(f"* {count} EXISTS\r\n")


def _chosen(session: Session, command: Command, numbers: str) -> list[tuple[int, ScriptedMail]]:
    mails = list(enumerate(session.server.mails, 1))
    if not mails:
        return []
    if command.name.startswith("UID"):
        return [(n, mail) for n, mail in mails if in_set(mail.uid, numbers, mails[-1][1].uid)]
    return [(n, mail) for n, mail in mails if in_set(n, numbers, len(mails))]


REPLIES: dict[str, Callable[[Session, Command], None]] = {
    "CONNECT": connect,
    "CAPABILITY": capability,
    "LOGIN": login,
    "AUTHENTICATE": authenticate,
    "ID": identify,
    "ENABLE": done,
    "NOOP": noop,
    "CHECK": noop,
    "SELECT": select,
    "EXAMINE": select,
    "STATUS": status,
    "LIST": list_folders,
    "CREATE": done,
    "UNSELECT": done,
    "CLOSE": done,
    "SEARCH": search,
    "UID SEARCH": search,
    "FETCH": fetch,
    "UID FETCH": fetch,
    "STORE": store,
    "UID STORE": store,
    "IDLE": idle,
    "LOGOUT": logout,
}

# Hooks


def silence(session: Session, _: Command) -> None:
    """Never answer; the connection stays open."""
    while True:
        session.pause(1.0)


def hang_up(session: Session, _: Command) -> None:
    session.close()


def say(line: str) -> Hook:
    """Answer with a line after the tag: say("NO [LIMIT] later"), say("BAD what")."""
    return lambda session, command: session.send(f"{command.tag} {line}\r\n")


def bye(text: str = "going down") -> Hook:
    def hook(session: Session, _: Command) -> None:
        session.send(f"* BYE {text}\r\n")
        session.close()

    return hook


def send(data: bytes, drip: float = 0.0) -> Hook:
    """Exactly these bytes; {tag} becomes that of the command. Drip is seconds a byte."""

    def hook(session: Session, command: Command) -> None:
        session.send(data.replace(b"{tag}", command.tag.encode()), drip)

    return hook


def times(count: int, hook: Hook) -> Hook:
    """The hook for the first so many, then the good answer."""
    left = iter(range(count))

    def counted(session: Session, command: Command) -> None:
        if next(left, None) is None:
            session.behave(command)
            return
        hook(session, command)

    return counted
