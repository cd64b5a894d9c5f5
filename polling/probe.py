"""The button that tries a mailbox: login, folder, and what is in it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX
from configstore.probes import Answer, Probe, register, register_rule
from configstore.wording import translated
from polling.accounts import Account, NotSetUp, described_account
from polling.errors import MailboxTrouble
from polling.sight import look_at
from webhooks.probe import fault_of_address


def try_mailbox(document: str, config: PollingConfig) -> Answer:
    """One connection beside the poller's, closed at once; no mail is touched."""
    name = document.partition(":")[2] or DEFAULT_MAILBOX
    try:
        account = described_account(name, config)
    except NotSetUp as exc:
        return Answer(ok=False, sentence=translated(str(exc)))
    return try_account(account)


def try_account(account: Account) -> Answer:
    try:
        return _look(account)
    except MailboxTrouble as exc:
        return Answer(ok=False, sentence=translated(str(exc)), fault=exc.kind.value)


def _look(account: Account) -> Answer:
    sight = look_at(account)
    counts = {"count": sight.mails, "unread": sight.unread}
    mails = ngettext("%(count)d mail", "%(count)d mails", sight.mails) % counts
    return Answer(
        ok=True,
        sentence=_("The mailbox is open to us."),
        facts=(
            (_("Account"), f"{account.user} · {account.host}"),
            (_("Folder"), account.folder),
            (_("Content"), _("%(mails)s, unread: %(unread)d") % (counts | {"mails": mails})),
            (_("Announces new mail"), _("yes") if sight.can_idle else _("no, it is asked")),
            (
                _("Keeps keywords"),
                _("yes") if sight.keywords_allowed else _("no, the read mark is used"),
            ),
        ),
    )


def register_probes() -> None:
    register_rule(PollingConfig.NAME, "oauth_token_url", fault_of_address)
    register(
        Probe(
            id="mailbox",
            kind=PollingConfig.NAME,
            field="imap_host",
            label=gettext_lazy("Test the mailbox"),
            run=try_mailbox,
        )
    )
