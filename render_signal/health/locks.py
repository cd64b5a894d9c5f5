"""What /health says of the locks of mailboxes."""

from __future__ import annotations

from polling.holders import Holder, holders
from render_signal.health.mailboxes import known_mailboxes
from render_signal.parts import DEGRADED, OK, Part, part_name

UNKNOWN = "not known: Redis cannot be asked, and no process of this machine holds the file lock"


def lock_parts() -> dict[str, Part]:
    found = holders(known_mailboxes())
    return {part_name("lock", name): _lock(holder) for name, holder in found.items()}


def _lock(holder: Holder) -> Part:
    if holder.unknown:
        return {"status": DEGRADED, "detail": UNKNOWN}
    detail = {"detail": "file lock: safe on one machine only"} if holder.kind == "file" else {}
    if not holder.fields:
        nobody = "nobody holds it on this machine" if detail else "nobody holds it"
        return {"status": DEGRADED, "detail": f"{nobody}: is runpoller running?"}
    status = DEGRADED if holder.degraded else OK
    return {"status": status, "kind": holder.kind, "holder": holder.fields, **detail}
