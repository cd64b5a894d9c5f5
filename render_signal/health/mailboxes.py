"""What /health says of mailboxes."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from configstore.declared import config_store
from configstore.documents import PollingConfig, mailbox_document
from configstore.naming import mailbox_names
from configstore.store import ConfigurationUnknown
from polling.accounts import DEFAULT, NotSetUp, find_account
from polling.errors import Kind
from polling.models import MailboxState
from polling.schedule import standing_down
from render_signal.health.first_search import waiting_seconds, waits_no_longer
from render_signal.parts import DEGRADED, FAILED, OK, SAID, Part, part_name

# An idle connection is searched every two minutes, and renewed within the time limit.
SEARCH_OVERDUE_SECONDS = 300
# Everybody may read these; what the server itself said may name a user.
NOT_SERVED = {
    Kind.TRANSIENT.value: "the mail server cannot be reached, or does not answer as it should",
    Kind.LIMIT.value: "the mail server has had enough of us for now",
    Kind.AUTHENTICATION.value: "the login is refused: check user and password, or log in again",
    Kind.CONFIGURATION.value: "its settings are not right: the first page of the admin says what",
}
NO_MARKS = "the server takes no marks: mails are relayed all the same"


def known_mailboxes() -> tuple[str, ...]:
    try:
        return mailbox_names(config_store())
    except ConfigurationUnknown:  # told by the part "configuration"
        return (DEFAULT,)


def mailbox_parts() -> dict[str, Part]:
    return {part_name("mailbox", name): _mailbox(name) for name in known_mailboxes()}


def _mailbox(name: str) -> Part:
    store = config_store()
    try:
        config = store.get(PollingConfig, mailbox_document(name))
        account = find_account(store, name)
    except ConfigurationUnknown as exc:
        # For the default mailbox the part "configuration" tells the failure.
        return {"status": DEGRADED if name == DEFAULT else FAILED, "detail": str(exc)}
    except NotSetUp as exc:
        return {"status": DEGRADED, "detail": str(exc)}
    now = timezone.now()
    if reason := standing_down(config, now):
        waits_no_longer(account.identity)
        return {"status": OK, "detail": f"standing down: {reason}"}
    state = MailboxState.objects.filter(identity=account.identity).first()
    if state is None:
        return _never_searched(account.identity, {})
    part: Part = {"status": OK, "quarantined": state.quarantined}
    if state.quarantined:
        detail = f"{state.quarantined} could not be read: the journal of mails can try again"
        part |= {"kind": Kind.POISON.value, "detail": detail}
    if state.catch_up_total:
        part["progress"] = f"catching up: {state.catch_up_done} of {state.catch_up_total}"
    if state.searched_at is not None:
        part["seconds_since_search"] = round((now - state.searched_at).total_seconds())
    if state.trouble:
        part |= {"kind": state.trouble_kind, "detail": _own_words(state), SAID: state.trouble}
        part["status"] = DEGRADED if state.served else FAILED
    if state.trouble and not state.served:
        return part
    if state.searched_at is None:
        return _never_searched(account.identity, part)
    waits_no_longer(account.identity)
    if now - state.searched_at > _overdue(config):
        detail = "no search for a while: is runpoller running?"
        return part | {"status": FAILED, "detail": detail, SAID: detail}
    return part


def _never_searched(identity: str, part: Part) -> Part:
    """Right after the first deploy the poller may begin a little later than the web service."""
    late = waiting_seconds(identity) > SEARCH_OVERDUE_SECONDS
    status = FAILED if late else DEGRADED
    detail = "never searched: is runpoller running?"
    return part | {"status": status, "detail": detail, SAID: detail}


def _own_words(state: MailboxState) -> str:
    if state.served:
        return NO_MARKS
    return NOT_SERVED.get(state.trouble_kind, "it cannot be read")


def _overdue(config: PollingConfig) -> timedelta:
    """Where IDLE is missing the mailbox is searched at its interval."""
    seconds = 2 * config.interval_seconds + settings.IMAP_TIMEOUT_SECONDS
    return timedelta(seconds=max(SEARCH_OVERDUE_SECONDS, seconds))
