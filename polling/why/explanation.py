"""The answers for mails of the journal: what every page that explains one says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from configstore.documents import PollingConfig, ProcessingPrefs, mailbox_document
from configstore.store import ConfigStore, ConfigurationUnknown
from polling.mail_list import held_back_mailboxes
from polling.models import Mail
from polling.selection import Reason
from polling.why import asked
from polling.why.answer import Answer, Circumstances, answer
from webhooks.life import Life


def explain(
    store: ConfigStore, mails: Sequence[Mail], by_message: Mapping[str, Sequence[Life]]
) -> list[Answer]:
    """One for each mail. Of one that is alone the mail of its subject group is looked for."""
    held_back = held_back_mailboxes() if by_message else set()
    prefs = known(store, ProcessingPrefs)
    found = []
    for mail in mails:
        alone = len(mails) == 1 and mail.reason == Reason.SUBJECT_GROUP
        around = Circumstances(
            config=known(store, PollingConfig, mailbox_document(mail.mailbox.name)),
            prefs=prefs,
            held_back=mail.mailbox.name in held_back,
            kept_back_by=asked.kept_back_by(mail) if alone else None,
        )
        found.append(answer(mail, by_message.get(mail.message_id, ()), around))
    return found


def known(store: ConfigStore, kind: Any, *document: str) -> Any:
    """None where nobody can tell."""
    try:
        return store.get(kind, *document)
    except ConfigurationUnknown:
        return None
