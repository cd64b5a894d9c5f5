"""The page of a mailbox's protocol log: the switch, and what was said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import PollingConfig, mailbox_document
from configstore.naming import mailbox_names
from configstore.store import ConfigurationUnknown
from configstore.wording import translated
from polling.holders import holders
from polling.models import MailboxState, ProtocolLine, ProtocolLog
from polling.protocol.quiet import why_quiet
from polling.protocol.recorder import MOST_LINES, Side
from webhooks.told import log as log_action

VIEW = "admin:polling_mailboxstate_protocol"
TEXT_VIEW = "admin:polling_mailboxstate_protocol_text"
KEPT_FOR = timedelta(hours=1)
MARKS = {Side.SENT: ">", Side.RECEIVED: "<", Side.NOTE: "-"}


def protocol_view(request: HttpRequest, mailbox: str) -> HttpResponse:
    if not _may_view(request):
        raise PermissionDenied
    if not _is_known(mailbox):
        raise Http404
    if request.method == "POST":
        if not _may_change(request):
            raise PermissionDenied
        _switch(request, mailbox, on="on" in request.POST)
        return HttpResponseRedirect(request.path)
    log = ProtocolLog.objects.filter(mailbox=mailbox).first()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Protocol log of mailbox %(mailbox)s") % {"mailbox": mailbox},
        "opts": MailboxState._meta,
        "state": MailboxState.objects.filter(name=mailbox).order_by("-pk").first(),
        "log": log,
        "text": _text(log) if log else "",
        "quiet": _quiet(log) if log and log.is_kept else "",
        "most": MOST_LINES,
        "may_change": _may_change(request),
        "text_address": reverse(TEXT_VIEW, args=[mailbox]),
    }
    return TemplateResponse(request, "admin/polling/protocol.html", context)


def protocol_text_view(request: HttpRequest, mailbox: str) -> HttpResponse:
    """To be sent to a provider; the page fetches it, too, while the log grows."""
    if not _may_view(request):
        raise PermissionDenied
    log = ProtocolLog.objects.filter(mailbox=mailbox).first()
    if log is None:
        raise Http404
    answer = HttpResponse(_text(log), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="protocol-{mailbox}.txt"'
    answer["Cache-Control"] = "no-store"
    return answer


def _may_view(request: HttpRequest) -> bool:
    return request.user.has_perm("polling.view_mailboxstate") or _may_change(request)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("polling.change_mailboxstate")


def _is_known(mailbox: str) -> bool:
    if MailboxState.objects.filter(name=mailbox).exists():
        return True
    try:
        return mailbox in mailbox_names(config_store())
    except ConfigurationUnknown:
        return False


def _switch(request: HttpRequest, mailbox: str, *, on: bool) -> None:
    now = timezone.now()
    log = ProtocolLog.keep(mailbox, now + KEPT_FOR if on else now)
    done = _("Protocol log switched on.") if on else _("Protocol log switched off.")
    log_action(request, ProtocolLog.objects.filter(pk=log.pk), done)
    until = formats.date_format(timezone.localtime(log.until), "TIME_FORMAT")
    text = (
        _("The protocol is logged until %(until)s. The first lines are here within seconds.")
        if on
        else _("The protocol is not logged any more.")
    )
    messages.success(request, text % {"until": until})


def _quiet(log: ProtocolLog) -> str:
    """ "" once something was said."""
    if log.lines.exists():
        return ""
    try:
        config = config_store().get(PollingConfig, mailbox_document(log.mailbox))
    except ConfigurationUnknown as exc:
        return translated(str(exc))
    holder = holders([log.mailbox])[log.mailbox]
    return why_quiet(log.until - KEPT_FOR, config, holder, timezone.now())


def _text(log: ProtocolLog) -> str:
    newest_first = log.lines.order_by("-pk")[:MOST_LINES]
    return _head(log) + "".join(_line(line) for line in reversed(newest_first))


def _head(log: ProtocolLog) -> str:
    facts = {"mailbox": log.mailbox, "zone": timezone.get_current_timezone_name()}
    lines = (
        _("render_signal, protocol of mailbox %(mailbox)s, times of %(zone)s") % facts,
        _("> sent, < received, - noted; credentials and what is in mails are left out"),
    )
    return "".join(f"# {line}\n" for line in lines)


def _line(line: ProtocolLine) -> str:
    at: datetime = timezone.localtime(line.at)
    moment = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"
    return f"{moment} {MARKS[Side(line.side)]} {line.text}\n"
