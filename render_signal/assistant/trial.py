"""Step 4: a test mail, followed from the mailbox to the receiver."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import PollingConfig
from configstore.store import ConfigStore
from configstore.wording import translated
from polling.accounts import DEFAULT, NotSetUp, find_account
from polling.deposit import deposit, listed_sender
from polling.errors import MailboxTrouble
from polling.models import Mail
from render_signal.assistant.advice import about_missing
from render_signal.assistant.following import Wanted, find, wanted
from render_signal.assistant.pages import assistant_page, show
from render_signal.assistant.stages import stages
from render_signal.assistant.steps import TRIAL
from webhooks.probe import SAMPLE_LINK


@assistant_page
def trial_view(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _put(request)
    followed = wanted(request.GET)
    return show(
        request,
        TRIAL,
        **_sender(),
        link=f"{SAMPLE_LINK}0",
        now=int(timezone.now().timestamp()),
        **_progress(request, followed),
    )


@assistant_page
def progress_view(request: HttpRequest) -> HttpResponse:
    """What the page shows of the mail that it follows, for the page to fetch."""
    context = _progress(request, wanted(request.GET))
    return render(request, "admin/assistant/includes/progress.html", context)


def _put(request: HttpRequest) -> HttpResponse:
    token, now = secrets.token_hex(3), timezone.now()
    subject = _("render_signal: test mail %(token)s") % {"token": token}
    text = _(
        "This is a test mail of the set-up assistant of render_signal. It may be deleted.\n"
        "The link leads nowhere:\n%(link)s\n"
    ) % {"link": f"{SAMPLE_LINK}0"}
    try:
        deposit(config_store(), subject, text, now)
    except (NotSetUp, MailboxTrouble) as exc:
        said = about_missing(exc) if isinstance(exc, NotSetUp) else translated(str(exc))
        reason = said.rstrip(".")
        messages.error(
            request, _("The test mail could not be put there: %(reason)s.") % {"reason": reason}
        )
        return HttpResponseRedirect(reverse("assistant_trial"))
    followed = Wanted(token=token, since=now)
    return HttpResponseRedirect(f"{reverse('assistant_trial')}?{followed.query}")


def _sender() -> dict[str, Any]:
    """From whom the test mail would be; "" while there is no mailbox."""
    store = config_store()
    try:
        account = find_account(store, DEFAULT)
    except NotSetUp:
        return {"sender": ""}
    config = store.get(PollingConfig)
    return {"sender": listed_sender(config, account), "account": account}


def _progress(request: HttpRequest, followed: Wanted | None) -> dict[str, Any]:
    if followed is None:
        return {"followed": None}
    store = config_store()
    found = stages(store, followed, timezone.now())
    return {
        "followed": followed,
        "stages": found,
        "finished": all(stage.state == "done" for stage in found),
        "progress_address": f"{reverse('assistant_progress')}?{followed.query}",
        "reload_address": f"{reverse('assistant_trial')}?{followed.query}",
        "mail": _mail(store, followed) if request.user.has_perm("polling.view_mail") else None,
    }


def _mail(store: ConfigStore, followed: Wanted) -> Mail | None:
    try:
        return find(followed, find_account(store, DEFAULT))
    except NotSetUp:
        return None
