"""A mail tried through the selection and the rules; nothing of it is written down or sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from configstore.documents import PollingConfig, ProcessingPrefs, RoutingRules, mailbox_document
from configstore.store import ConfigStore
from polling.accounts import NotSetUp, find_account
from polling.groups import RelayedGroups, group_of
from polling.identity import message_id
from polling.mail import Body, Overview
from polling.parser import parse_body, parse_header
from polling.selection import Reason, screen, select
from webhooks.messages import Message
from webhooks.preview import Outcome, outcome

# Of a mail that is uploaded or fetched.
LARGEST = 5_000_000


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """reason: why the mail would be ignored; the rules are tried all the same."""

    message: Message
    attachments: tuple[str, ...]
    reason: Reason | None
    outcome: Outcome


def written_mail(sender: str, subject: str, text: str) -> bytes:
    """The mail that these would make."""
    fields = (f"From: {_line(sender)}", f"Subject: {_line(subject)}",
              "Content-Type: text/plain; charset=utf-8", "", text)  # fmt: skip
    return "\r\n".join(fields).encode("utf-8", "replace")


def rehearse(
    store: ConfigStore,
    rules: RoutingRules,
    mailbox: str,
    raw: bytes,
    received_at: datetime,
    now: datetime,
) -> Rehearsal:
    """As if the mailbox had shown it then. Raises ConfigurationUnknown."""
    config = store.get(PollingConfig, mailbox_document(mailbox))
    raw = raw.lstrip(b"\r\n")
    overview = Overview(
        uid=0,
        size=len(raw),
        received_at=received_at,
        flags=frozenset(),
        header=parse_header(raw),
        raw_header=b"",
    )
    body = parse_body(raw)
    message = _message(store, mailbox, overview, body, raw, received_at)
    zone = ZoneInfo(store.get(PollingConfig).timezone)
    return Rehearsal(
        message=message,
        attachments=body.attachments,
        reason=_reason(store, config, overview, body, message, now),
        outcome=outcome(store, message, rules, zone, now),
    )


def _reason(
    store: ConfigStore,
    config: PollingConfig,
    overview: Overview,
    body: Body,
    message: Message,
    now: datetime,
) -> Reason | None:
    prefs = store.get(ProcessingPrefs)
    if reason := screen(overview, config, prefs):
        return reason
    group = group_of(overview)
    groups = RelayedGroups.of([overview], config, now)
    kept_back = groups.keep_back(group, message.received_at, message.id)
    return select(overview.header, body, config, prefs, {group} if kept_back else ())


def _message(
    store: ConfigStore,
    mailbox: str,
    overview: Overview,
    body: Body,
    raw: bytes,
    received_at: datetime,
) -> Message:
    try:
        name = message_id(find_account(store, mailbox), overview, body)
    except NotSetUp:  # only the id depends on whose mailbox it is
        name = hashlib.sha256(raw).hexdigest()[:40]
    return Message(
        id=name,
        source=mailbox,
        subject=overview.header.subject,
        sender=overview.header.sender,
        sender_email=overview.header.sender_email,
        sent=overview.header.date,
        received_at=received_at,
        text=body.text,
        links=body.links,
    )


def _line(text: str) -> str:
    return " ".join(text.splitlines())
