"""Fetching how mails are built, from servers that describe some of them in nonsense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from polling.chunks import chunks
from polling.errors import UnreadableAnswer
from polling.session import Row, Session
from polling.structure import is_sound

ITEM = "BODYSTRUCTURE"
EXPECTED_BYTES = 1024
# No line is longer, and a mail of a thousand parts is described in less.
MOST_BYTES = 1024 * 1024


def structures(session: Session, uids: Sequence[int], per_command: int) -> dict[int, Any]:
    """None stands for what the server did not show, False for what makes no sense. Mails that
    vanished are missing."""
    found: dict[int, Any] = {}
    for batch in chunks(uids, per_command):
        rows = _rows(session, batch)
        found.update({uid: _structure(row) for uid, row in rows.items()})
    return found


def _rows(session: Session, uids: Sequence[int]) -> Mapping[int, Row | None]:
    """One that is unreadable makes the answer to all of them unreadable: then one by one."""
    try:
        return session.fetch(uids, [ITEM], EXPECTED_BYTES * len(uids), MOST_BYTES)
    except UnreadableAnswer:
        if len(uids) == 1:
            return {uids[0]: None}
    return {uid: row for each in uids for uid, row in _rows(session, [each]).items()}


def _structure(row: Row | None) -> Any:
    if row is None:
        return False
    structure = row.get(ITEM.encode())
    return structure if not structure or is_sound(structure) else False
