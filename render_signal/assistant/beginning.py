"""When reading begins: a mailbox that the assistant sets up is not read before somebody has said
which mails are relayed."""

from __future__ import annotations

from configstore.backends.base import JSONObject
from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from polling.accounts import DEFAULT, NotSetUp, described_account
from polling.models import MailboxState

SWITCH = "enable_polling"
LIST = "sender_of_interest_for_polling"


def senders_decided(store: ConfigStore) -> bool:
    """Whether somebody has said whose mails are relayed. Raises ConfigurationUnknown."""
    stored = store.current(PollingConfig).raw or {}
    return LIST in stored or LIST in store.default(PollingConfig, PollingConfig.NAME)


def reading_waits(store: ConfigStore) -> bool:
    """Whether the default mailbox, which was never read, is not read until somebody has said whose
    mails are relayed. Raises ConfigurationUnknown."""
    config = store.get(PollingConfig)
    if config.enable_polling or senders_decided(store):
        return False
    try:
        identity = described_account(DEFAULT, config).identity
    except NotSetUp:
        return True
    rows = MailboxState.objects.filter(identity=identity, searched_at__isnull=False)
    return not rows.exists()


def switch_at_first(store: ConfigStore) -> JSONObject:
    """What goes with the first description of the default mailbox: a poller that runs already
    reads nothing by it. Raises ConfigurationUnknown."""
    current = store.current(PollingConfig)
    if SWITCH in (current.raw or {}) or senders_decided(store):
        return {}
    try:
        described_account(DEFAULT, current.document)
    except NotSetUp:
        return {SWITCH: False}
    return {}


def switch_when_decided(store: ConfigStore) -> JSONObject:
    """What goes with the answer whose mails are relayed. Raises ConfigurationUnknown."""
    return {SWITCH: True} if reading_waits(store) else {}
