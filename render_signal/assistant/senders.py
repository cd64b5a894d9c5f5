"""Step 3: which mails are relayed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import PollingConfig, ProcessingPrefs
from configstore.fields import DEFAULT_MAILBOX
from configstore.forms.base import DocumentForm
from configstore.models import Mailbox, Processing
from configstore.wording import translated
from polling.accounts import DEFAULT, NotSetUp, find_account
from polling.errors import MailboxTrouble
from polling.recent_senders import recent_senders
from render_signal.assistant.advice import about_missing
from render_signal.assistant.beginning import LIST, reading_waits, switch_when_decided
from render_signal.assistant.fields import Fields
from render_signal.assistant.pages import assistant_page, show
from render_signal.assistant.steps import SENDERS

LINKS = "relay_without_links"


@assistant_page
def senders_view(request: HttpRequest) -> HttpResponse:
    mailbox, prefs = Fields(Mailbox, DEFAULT_MAILBOX), Fields(Processing, ProcessingPrefs.NAME)
    if request.method != "POST":
        return _page(request, mailbox.form((LIST,)), prefs.form((LINKS,)))
    senders = mailbox.form((LIST,), _with_suggested(request.POST))
    links = prefs.form((LINKS,), _with_version(request.POST))
    if "_suggest" in request.POST:
        return _page(request, senders, links, **_suggestions())
    if not (senders.is_valid() and links.is_valid()):
        typed = mailbox.form((LIST,), request.POST)
        return _page(request, typed, links, **_offered_before(request.POST))
    # The mailbox last: with it reading may begin.
    along = switch_when_decided(config_store())
    if prefs.save(request, links, _confirmed(links, LINKS)) and mailbox.save(
        request, senders, _confirmed(senders, LIST), along
    ):
        return HttpResponseRedirect(reverse("assistant_trial"))
    return _page(request, senders, links)


def _confirmed(form: DocumentForm, name: str) -> tuple[str, ...]:
    """What the environment says goes on following the environment."""
    line = form.lines((name,))[0]
    return (name,) if line.origin == "default" else ()


def _with_suggested(data: QueryDict) -> QueryDict:
    """The senders that were ticked, among those that were written."""
    filled = data.copy()
    filled[LIST] = "\n".join([data.get(LIST, ""), *data.getlist("suggested")])
    return filled


def _with_version(data: QueryDict) -> QueryDict:
    """Each of the two forms has a version of its own."""
    filled = data.copy()
    filled["version"] = data.get("prefs_version", "")
    return filled


def _offered_before(data: QueryDict) -> dict[str, Any]:
    """With the ticks: a slip elsewhere costs nobody their choice."""
    pairs = (each.partition(" ") for each in data.getlist("offered"))
    offered = [(address, int(count)) for count, _space, address in pairs if count.isdecimal()]
    return {"suggested": offered, "ticked": data.getlist("suggested")}


def _suggestions() -> dict[str, Any]:
    try:
        found = recent_senders(find_account(config_store(), DEFAULT))
    except NotSetUp as exc:
        return {"no_suggestions": about_missing(exc)}
    except MailboxTrouble as exc:
        return {"no_suggestions": translated(str(exc))}
    return {"suggested": found} if found else {"no_suggestions": _("The mailbox is empty.")}


def _page(
    request: HttpRequest, senders: DocumentForm, links: DocumentForm, **context: Any
) -> HttpResponse:
    return show(
        request,
        SENDERS,
        form=senders,
        senders=senders.lines((LIST,))[0],
        links=links.lines((LINKS,))[0],
        prefs_version=links["version"].value() or "",
        mailbox_address=reverse("admin:configstore_mailbox_change", args=[DEFAULT_MAILBOX]),
        processing_address=reverse(
            "admin:configstore_processing_change", args=[ProcessingPrefs.NAME]
        ),
        document=PollingConfig.NAME,
        reading_waits=reading_waits(config_store()),
        **context,
    )
