"""What is wrong with mailboxes, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.wording import translated
from polling.admission import shared_database
from polling.errors import Kind
from polling.models import MailState
from polling.starting import how_to_start
from render_signal.dashboard import addresses
from render_signal.dashboard.access import Access
from render_signal.dashboard.addresses import Link
from render_signal.dashboard.mailboxes import Mailbox
from render_signal.dashboard.need import Need
from render_signal.dashboard.words import moment


def nothing_set_up(mailboxes: Sequence[Mailbox]) -> bool:
    return len(mailboxes) == 1 and mailboxes[0].empty


def mailbox_needs(mailboxes: Sequence[Mailbox], access: Access) -> Iterator[Need]:
    if access.mailboxes or access.mailbox_states:
        if nothing_set_up(mailboxes):
            yield _beginning(access)
            return
        yield from _unread(mailboxes, access)
        yield from _locks(mailboxes)
        for mailbox in mailboxes:
            yield from _of_one(mailbox, access)
    if access.mails:
        yield from (_quarantined(mailbox) for mailbox in mailboxes if mailbox.quarantined)


def _beginning(access: Access) -> Need:
    links = (Link(_("Set it up"), addresses.assistant()),) if access.set_up else ()
    return Need(
        sentence=_("No mailbox is set up yet."),
        advice=_("Say which mailbox is to be read, and where its webhooks go."),
        links=links,
    )


def beginning_needs(reading_waits: bool, access: Access) -> Iterator[Need]:
    if not (reading_waits and access.mailboxes):
        return
    links = (Link(_("Which mails"), reverse("assistant_senders")),) if access.set_up else ()
    yield Need(
        sentence=_("No mail is read yet: nobody has said which mails are relayed."),
        advice=_("Reading begins when step 3 of the assistant is saved. Mails wait in the mailbox "
                 "meanwhile."),
        links=links,
    )  # fmt: skip


def _unread(mailboxes: Sequence[Mailbox], access: Access) -> Iterator[Need]:
    """Nobody works on them. One runpoller serves them all, so mostly it is all of them."""
    served = [mailbox for mailbox in mailboxes if mailbox.account]
    unheld = [mailbox for mailbox in served if mailbox.unheld]
    waits = _("Mails wait in the mailbox meanwhile.")
    advice = f"{how_to_start()} {waits}"
    if unheld and len(unheld) == len(served):
        yield Need(sentence=_("No mail is read: no runpoller is at work."), advice=advice)
        return
    for mailbox in unheld:
        yield Need(
            sentence=_("Mailbox %(name)s is not read: no runpoller holds its lock.")
            % {"name": mailbox.name},
            advice=advice,
            links=_states(access),
        )


def _locks(mailboxes: Sequence[Mailbox]) -> Iterator[Need]:
    """With a database that several machines share, there are several machines."""
    if shared_database() and not settings.REDIS_URL and mailboxes:
        yield Need(
            sentence=_("The lock is a file, which is safe on one machine only."),
            advice=_("Where several containers run, set REDIS_URL: or each mail is read by all."),
            urgent=False,
        )


def _of_one(mailbox: Mailbox, access: Access) -> Iterator[Need]:
    if mailbox.fault:
        fault = translated(mailbox.fault).rstrip(".")
        yield Need(
            sentence=_("Mailbox %(name)s: %(fault)s.") % {"name": mailbox.name, "fault": fault},
            advice=_("It is not read. Complete or correct its settings."),
            links=_page(mailbox, access),
        )
    elif mailbox.state and mailbox.state.trouble and not mailbox.down:
        yield _trouble(mailbox, access)
    elif mailbox.overdue and not mailbox.unheld:
        yield _overdue(mailbox, access)
    if mailbox.held_back:
        yield Need(
            sentence=_("What waits from mailbox %(name)s is held back.") % {"name": mailbox.name},
            advice=_(
                "It goes on by itself as soon as the mailbox can be asked whether another "
                "container has sent it."
            ),
            links=_page(mailbox, access),
        )


def _trouble(mailbox: Mailbox, access: Access) -> Need:
    state = mailbox.state
    assert state is not None  # noqa: S101  # for the type checker
    facts = {"name": mailbox.name, "moment": moment(state.trouble_since)}
    sentence, advice = {
        Kind.AUTHENTICATION.value: (
            _("Since %(moment)s mailbox %(name)s has refused the login."),
            _("Check its user name and its password, or log it in again."),
        ),
        Kind.CONFIGURATION.value: (
            _("Since %(moment)s mailbox %(name)s cannot be read with its settings."),
            _("Correct its settings."),
        ),
        Kind.LIMIT.value: (
            _("Since %(moment)s the provider has limited mailbox %(name)s."),
            _("It is tried again by itself. If it comes back, let fewer programs read it."),
        ),
    }.get(
        state.trouble_kind,
        (
            _("Since %(moment)s mailbox %(name)s has been in trouble."),
            _("It is tried again by itself. If it lasts, check the server and the network."),
        ),
    )
    links = (*_page(mailbox, access), *_states(access))
    detail = translated(state.trouble)
    return Need(sentence=sentence % facts, advice=advice, detail=detail, links=links)


def _overdue(mailbox: Mailbox, access: Access) -> Need:
    searched = mailbox.state.searched_at if mailbox.state else None
    facts = {"name": mailbox.name, "moment": moment(searched)}
    never = _("Mailbox %(name)s was never searched.")
    return Need(
        sentence=(_("Since %(moment)s mailbox %(name)s has not been searched.") if searched else
                  never) % facts,
        advice=_("Look into the log of runpoller. If it says nothing, start it again."),
        links=_states(access),
    )  # fmt: skip


def _quarantined(mailbox: Mailbox) -> Need:
    assert mailbox.state is not None  # noqa: S101  # for the type checker
    count = mailbox.quarantined
    text = ngettext(
        "%(count)d mail of mailbox %(name)s could not be read.",
        "%(count)d mails of mailbox %(name)s could not be read.",
        count,
    )
    query = {"state__exact": MailState.QUARANTINED, "mailbox__id__exact": str(mailbox.state.pk)}
    return Need(
        sentence=text % {"count": count, "name": mailbox.name},
        advice=_("The others go on. See why, and have it read again, or look into the mailbox."),
        links=(Link(_("Look at it"), addresses.mails(**query)),),
        urgent=False,
    )


def _page(mailbox: Mailbox, access: Access) -> tuple[Link, ...]:
    if not access.mailboxes:
        return ()
    return (Link(_("Its settings"), addresses.mailbox(mailbox.name)),)


def _states(access: Access) -> tuple[Link, ...]:
    if not access.mailbox_states:
        return ()
    return (Link(_("State of the mailboxes"), addresses.mailbox_states()),)
