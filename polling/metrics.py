"""What is counted of mailboxes."""

from __future__ import annotations

from polling.errors import Kind
from polling.selection import Reason
from runtime.counters import Counter

SEEN = Counter("mails_seen", "Mails about which something was decided.", ("mailbox",))
RELAYED = Counter("mails_relayed", "Mails that were handed over for delivery.", ("mailbox",))
IGNORED = Counter(
    "mails_ignored",
    "Mails that were not to be relayed.",
    ("mailbox", "reason"),
    {"reason": tuple(Reason.values)},
)
RECONNECTS = Counter(
    "imap_reconnects",
    "Sessions that ended in trouble, by its class.",
    ("mailbox", "kind"),
    {"kind": tuple(kind.value for kind in Kind)},
)
RECEIVED_BYTES = Counter("imap_received_bytes", "What the server has sent.", ("mailbox",))
