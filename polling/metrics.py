"""What is counted of mailboxes."""

from __future__ import annotations

from runtime.counters import Counter

SEEN = Counter("mails_seen", "Mails about which something was decided.", ("mailbox",))
RELAYED = Counter("mails_relayed", "Mails that were handed over for delivery.", ("mailbox",))
IGNORED = Counter("mails_ignored", "Mails that were not to be relayed.", ("mailbox", "reason"))
RECONNECTS = Counter(
    "imap_reconnects", "Sessions that ended in trouble, by its class.", ("mailbox", "kind")
)
RECEIVED_BYTES = Counter("imap_received_bytes", "What the server has sent.", ("mailbox",))
