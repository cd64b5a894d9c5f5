"""What the pages of the configuration say about documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from configstore import differences, wording
from configstore.admin.cards import Card, cards
from configstore.documents import PollingConfig
from configstore.fields import DEFAULT_MAILBOX
from configstore.forms.rule_words import FIELDS, TESTS
from configstore.rules import Condition

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


@register.filter
def condition_words(condition: Condition) -> str:
    """Without its value."""
    return f"{dict(FIELDS)[condition.field]} {dict(TESTS)[condition.test]}"


@register.simple_tag
def mailbox_account(name: str, config: PollingConfig) -> str:
    """Whose mailbox it is, "" while something that it takes is missing. The environment wins
    for the default one."""
    needed = {
        "EMAIL_ADDRESS": config.imap_user,
        "IMAP_SERVER": config.imap_host,
        "EMAIL_PASSWORD": config.imap_password,
    }
    if name == DEFAULT_MAILBOX:
        needed = {key: getattr(settings, key) or value for key, value in needed.items()}
    if not all(needed.values()):
        return ""
    user, host = needed["EMAIL_ADDRESS"], needed["IMAP_SERVER"]
    return _("%(user)s on %(host)s") % {"user": user, "host": host}


@register.simple_tag(takes_context=True)
def configuration_cards(context: template.RequestContext) -> list[Card]:
    """What the first page says of each document that the person may see."""
    return cards(context["request"])
