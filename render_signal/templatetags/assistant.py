"""Where the assistant is offered."""

from __future__ import annotations

from django import template

from configstore.declared import config_store
from configstore.store import ConfigurationUnknown
from render_signal.assistant.pages import may_use
from render_signal.assistant.steps import nothing_relayed_yet

register = template.Library()


@register.simple_tag(takes_context=True)
def assistant_is_allowed(context: template.RequestContext) -> bool:
    return may_use(context["request"])


@register.simple_tag(takes_context=True)
def assistant_is_needed(context: template.RequestContext) -> bool:
    """Whether this person can set up what is missing."""
    if not may_use(context["request"]):
        return False
    try:
        return nothing_relayed_yet(config_store())
    except ConfigurationUnknown:
        return False  # the page says so already
