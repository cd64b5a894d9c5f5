"""The value of a lock: who holds it, for people, and to tell one process from another."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import UTC, datetime
from pathlib import Path


def holder_value() -> str:
    """Who holds the lock, for people and for is_dead; unique by its token.

    Two containers can both be pid 7, so the process is told by boot, pid namespace and start.
    """
    pid = os.getpid()
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"pid={pid} host={socket.gethostname()} since={since} "
        f"place={_place()} started={_started(pid)} token={uuid.uuid4().hex}"
    )


def value_text(answer: object) -> str:
    """What Redis answered for a key; "" if there is none."""
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "replace")
    return str(answer or "")


def public_fields(value: str) -> dict[str, str]:
    """What everybody may see of a lock's value."""
    fields = _fields(value)
    return {name: fields[name] for name in ("pid", "host", "since") if name in fields}


def process_of(value: str) -> str:
    """The process that a value names, the same in all its locks. is_dead understands it too."""
    fields = _fields(value)
    return " ".join(
        f"{name}={fields.get(name, '')}" for name in ("pid", "host", "place", "started")
    )


def place_of(process: str) -> str:
    """Which container a process is in, as far as is known: its boot and pid namespace."""
    fields = _fields(process)
    return fields.get("place") or fields.get("host", "")


def is_dead(value: str) -> bool:
    """Only what is certain: the holder was a process of this very boot and pid namespace, and
    no process of that number and start is there."""
    fields = _fields(value)
    if not fields.get("place") or fields["place"] != _place():
        return False
    pid, started = fields.get("pid", ""), fields.get("started", "")
    return pid.isdigit() and bool(started) and _started(int(pid)) != started


def in_short(value: str) -> str:
    """The readable beginning of a value; its token is nobody's business."""
    return " ".join(value.split()[:2])


def _fields(value: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in value.split() if "=" in part)


def _place() -> str:
    """This boot and this pid namespace; "" where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When the process began, in clock ticks since boot; "" if there is no such process. One whose
    first thread is gone is there as long as the others: so are its connections."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    state, threads, started = fields[0], int(fields[17]), fields[19]
    return "" if state == "X" or (state == "Z" and threads <= 1) else started
