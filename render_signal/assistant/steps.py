"""How far the set-up has got, read from what is stored: nothing else remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from configstore.differences import readable
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.store import ConfigStore
from polling.accounts import DEFAULT, NotSetUp, described_account
from render_signal.assistant.beginning import reading_waits, senders_decided
from webhooks.alerts.unheard import unheard
from webhooks.endpoints import DEFAULT as DEFAULT_ENDPOINT
from webhooks.journal import has_ever_delivered

MAILBOX, ENDPOINT, SENDERS, TRIAL, FINISH = "mailbox", "endpoint", "senders", "trial", "finish"
TITLES = {
    MAILBOX: gettext_lazy("Mailbox"),
    ENDPOINT: gettext_lazy("Endpoint"),
    SENDERS: gettext_lazy("Which mails"),
    TRIAL: gettext_lazy("Test mail"),
    FINISH: gettext_lazy("To finish"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """detail: what is set up, in a word."""

    id: str
    title: Any
    done: bool
    detail: str = ""

    @property
    def address(self) -> str:
        return reverse(f"assistant_{self.id}")


def steps(store: ConfigStore) -> list[Step]:
    """All of them, in order. Raises ConfigurationUnknown."""
    senders, decided = _senders(store)
    found = {MAILBOX: _account(store), ENDPOINT: _endpoint(store)}
    delivered = has_ever_delivered(DEFAULT_ENDPOINT)
    alerts = unheard(store.get(ProcessingPrefs)) is None
    others = bool(found[MAILBOX] and found[ENDPOINT] and decided and delivered)
    return [
        *(Step(id=name, title=TITLES[name], done=bool(found[name]), detail=found[name])
          for name in (MAILBOX, ENDPOINT)),
        Step(id=SENDERS, title=TITLES[SENDERS], done=decided, detail=senders if decided else ""),
        Step(id=TRIAL, title=TITLES[TRIAL], done=delivered,
             detail=_("a webhook has left before") if delivered else ""),
        Step(id=FINISH, title=TITLES[FINISH], done=alerts and others,
             detail=_("people are told of alerts") if alerts else ""),
    ]  # fmt: skip


def nothing_relayed_yet(store: ConfigStore) -> bool:
    """Whether something is missing without which no mail is relayed. Raises
    ConfigurationUnknown."""
    return not (_account(store) and _endpoint(store)) or reading_waits(store)


def next_step(all_steps: list[Step]) -> Step:
    """The first that is not done; the last one if all are."""
    return next((step for step in all_steps if not step.done), all_steps[-1])


def _account(store: ConfigStore) -> str:
    """Whose mailbox it is, "" while something is missing."""
    try:
        account = described_account(DEFAULT, store.get(PollingConfig))
    except NotSetUp:
        return ""
    return account.user


def _endpoint(store: ConfigStore) -> str:
    url = store.get(WebhookConfig).webhook_url
    return readable("webhook_url", url) if url else ""


def _senders(store: ConfigStore) -> tuple[str, bool]:
    """Who is relayed, and whether somebody has decided it."""
    listed = store.get(PollingConfig).sender_of_interest_for_polling
    shown = listed[0] if listed else _("every sender")
    more = len(listed) - 1
    return (f"{shown} +{more}" if more > 0 else shown), senders_decided(store)
