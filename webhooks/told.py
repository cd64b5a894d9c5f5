"""What a person is told of an intervention, and what the admin's log of recent actions keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from configstore.declared import config_store
from webhooks.standing import standing

# More than that are one entry: nobody reads thousands, and they would have to be in memory.
MOST_ENTRIES = 100


def log(request: HttpRequest, rows: QuerySet[Any], text: str, about: str = "") -> None:
    """text: English that is marked for translation, shown in the language of who reads it. about:
    what many rows have in common."""
    count = rows.count()
    user: Any = request.user.pk
    if count > MOST_ENTRIES:
        log_many(request, rows.model, count, text, about)
    elif count:
        LogEntry.objects.log_actions(user, rows, CHANGE, text)


def log_many(
    request: HttpRequest, model: type[Model], count: int, text: str, about: str = ""
) -> None:
    name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
    user: Any = request.user.pk
    LogEntry.objects.create(
        user_id=user,
        content_type=ContentType.objects.get_for_model(model),
        object_id=None,
        object_repr=f"{count} {name}{f' ({about})' if about else ''}"[:200],
        action_flag=CHANGE,
        change_message=text,
    )


def queued(done: Mapping[str, int]) -> tuple[int, str]:
    """The level of the message, and what it says: how many, and what keeps them back."""
    total = sum(done.values())
    text = ngettext("%d delivery is queued.", "%d deliveries are queued.", total) % total
    stand = standing(config_store(), done.keys(), timezone.now())
    held = {name: stand.held(name) for name in sorted(done)}
    for name, why in held.items():
        if why:
            text += " " + _("Endpoint %(name)s: %(why)s.") % {"name": name, "why": why.rstrip(".")}
    well = total and not any(held.values())
    return (messages.SUCCESS if well else messages.WARNING), text


def left_alone(skipped: int, sending: int) -> str:
    """Continues a sentence: how many of those that were chosen stay as they are."""
    if not skipped:
        return ""
    text = ngettext("%d was left as it is", "%d were left as they are", skipped) % skipped
    if sending:
        text += _(", %d of them being sent") % sending
    return f" {text}."
