"""What the pages of the configuration say about documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

from configstore import differences, wording
from configstore.admin.cards import Card, cards
from configstore.credentials import VARIABLES, environment_fields
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
def named(values: Mapping[str, Any], name: str) -> Any:
    return values.get(name)


@register.filter
def condition_words(condition: Condition) -> str:
    """Without its value."""
    return f"{dict(FIELDS)[condition.field]} {dict(TESTS)[condition.test]}"


@register.simple_tag
def mailbox_account(name: str, config: PollingConfig) -> str:
    """Whose mailbox it is, "" while something that it takes is missing. The environment wins
    for the default one."""
    fields = config.model_dump(include={*VARIABLES})
    if name == DEFAULT_MAILBOX:
        fields |= environment_fields()
    user, host = fields["imap_user"], fields["imap_host"]
    if not (user and host and (fields["imap_password"] or fields["oauth_refresh_token"])):
        return ""
    return _("%(user)s on %(host)s") % {"user": user, "host": host}


@register.simple_tag(takes_context=True)
def configuration_cards(context: template.RequestContext) -> list[Card]:
    """What the first page says of each document that the person may see."""
    return cards(context["request"])
