"""What the pages of the configuration say about documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from configstore import differences, wording
from configstore.admin.cards import Card, cards
from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX

register = template.Library()


@register.filter
def readable(value: Any, name: str) -> str:
    return differences.readable(name, value)


@register.filter
def translated(sentence: str) -> str:
    return wording.translated(sentence)


@register.filter
def store_names(labels: Iterable[str] | str) -> str:
    return wording.store_names(labels)


@register.simple_tag
def mailbox_account(name: str, config: PollingConfig) -> str | SafeString:
    """Whose mailbox it is; the environment wins for the default one."""
    user, host = config.imap_user, config.imap_host
    if name == DEFAULT_MAILBOX:
        user = getattr(settings, "EMAIL_ADDRESS", None) or user
        host = getattr(settings, "IMAP_SERVER", None) or host
    if not host:
        return format_html('<span class="tag bad">{}</span>', _("not set up"))
    return _("%(user)s on %(host)s") % {"user": user or "?", "host": host}


@register.simple_tag(takes_context=True)
def configuration_cards(context: template.RequestContext) -> list[Card]:
    """What the first page says of each document that the person may see."""
    return cards(context["request"])
