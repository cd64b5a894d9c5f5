"""A mailbox: login, folder, certificate, and what the server can do."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.declared import config_store
from configstore.documents import PollingConfig, mailbox_document
from configstore.wording import translated
from polling.accounts import Account, NotSetUp, find_account
from polling.errors import Kind, MailboxTrouble
from polling.sight import Sight, look_at
from render_signal.doctor.certificate import ending
from render_signal.doctor.finding import Finding, green, red, sentence, yellow

# Of one phase; what is longer in all is ended by the round.
PHASE_SECONDS = 8.0


def mailbox(name: str) -> Iterator[Finding]:
    store = config_store()
    try:
        account = find_account(store, name)
        sight = look_at(account, PHASE_SECONDS)
    except NotSetUp as exc:
        yield red(
            sentence(translated(str(exc))), _("Describe it in the admin, or by the environment.")
        )
    except MailboxTrouble as exc:
        yield red(sentence(translated(str(exc))), _advice(exc.kind))
    else:
        yield from _open(account, sight, store.get(PollingConfig, mailbox_document(name)))


def _open(account: Account, sight: Sight, config: PollingConfig) -> Iterator[Finding]:
    facts = {"user": account.user, "host": account.host, "folder": account.folder}
    mails = ngettext("%(count)d mail", "%(count)d mails", sight.mails) % {"count": sight.mails}
    yield green(
        _("%(user)s logs in to %(host)s and opens %(folder)s: %(mails)s.")
        % (facts | {"mails": mails})
    )
    yield _security(account, sight)
    if sight.can_idle:
        yield green(_("The server announces new mail (IDLE)."))
    else:
        seconds = {"seconds": config.interval_seconds}
        yield green(_("There is no IDLE: it is searched every %(seconds)d s.") % seconds)
    if sight.keywords_allowed:
        yield green(_("The folder takes keywords: it remembers itself what is settled."))
        return
    yield yellow(
        _("The folder takes no keywords: only the read mark remembers what is settled."),
        _("Keep the database on a disk that lasts; read what the README says of keywords."),
    )


def _security(account: Account, sight: Sight) -> Finding:
    if sight.certificate_ends is None:
        return yellow(
            _("The password goes to %(host)s in clear.") % {"host": account.host},
            _("Set imap_security to tls or starttls (IMAP_USE_SSL=true)."),
        )
    return ending(account.host, sight.certificate_ends)


def _advice(kind: Kind) -> str:
    if kind is Kind.AUTHENTICATION:
        return _("Enter user and password of the mailbox again; `Test the mailbox` tries them.")
    if kind is Kind.LIMIT:
        return _("Wait some minutes, and look who else is connected to it.")
    if kind is Kind.TRANSIENT:
        return _("Look again in a minute; if it stays, ask the provider.")
    return _("Correct the settings of the mailbox as the sentence says.")
