"""The list of mails: how it is searched, and what it says of the deliveries of its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.wording import translated
from polling.mail_words import has_word
from polling.models import KnownTerm, Mail, MailState
from webhooks import search
from webhooks.models import SETTLED, WAITING, Delivery
from webhooks.remedy import offered
from webhooks.standing import Standing, standing, waiting_endpoints


def found(text: str) -> Q:
    """Mails with all these words, each by what their own row says or by all else that is known of
    those that were relayed."""
    wanted = Q()
    for word in search.words(text):
        wanted &= search.by_word(word) | has_word(word)
    return wanted


class MailList(ChangeList):
    """The deliveries of all rows are asked for once, and what holds the endpoints once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        mails = list(self.result_list)
        by_message = deliveries_of(mails)
        shown = [each for found in by_message.values() for each in found]
        stand = standing(config_store(), waiting_endpoints(shown), timezone.now())
        held_back = held_back_mailboxes() if shown else set()
        for mail in mails:
            rows = by_message[mail.message_id]
            mail.states_now = [(each.endpoint, stand.state_of(each)) for each in rows]
            mail.standing = why(mail, rows, stand, held_back)
            remedies = (found for each in rows if (found := stand.remedy(each)))
            mail.remedies = offered(remedies, request.user)


def deliveries_of(mails: Sequence[Mail]) -> dict[str, list[Delivery]]:
    by_message: dict[str, list[Delivery]] = defaultdict(list)
    names = {mail.message_id for mail in mails} - {""}
    rows = Delivery.objects.filter(message_id__in=names).defer("payload").order_by("endpoint")
    for row in rows if names else ():
        by_message[row.message_id].append(row)
    return by_message


def held_back_mailboxes() -> set[str]:
    return set(KnownTerm.objects.filter(held_back=True).values_list("mailbox", flat=True))


def why(mail: Mail, deliveries: Sequence[Delivery], stand: Standing, held_back: set[str]) -> str:
    """Why it is where it is, and what it waits for."""
    if mail.fault or mail.reason:
        return translated(mail.fault) or str(mail.get_reason_display())
    if mail.state != MailState.RELAYED:
        return ""
    waiting = [each for each in deliveries if each.state not in SETTLED]
    if any(each.state in WAITING and each.source in held_back for each in waiting):
        return _("held until the mailbox can be asked whether another poller has sent it")
    if not waiting:
        return _("its mark in the mailbox is still to come")
    said: dict[str, Any] = dict.fromkeys(stand.of(each) for each in waiting)
    return "; ".join(said)
