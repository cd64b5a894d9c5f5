"""Which endpoints the rules may lead to, and which rules lead to none."""

from __future__ import annotations

from configstore.documents import RoutingRules
from configstore.fields import DEFAULT_ENDPOINT
from configstore.naming import endpoint_names
from configstore.store import ConfigStore, ConfigurationUnknown


def described_endpoints(store: ConfigStore) -> tuple[str, ...]:
    """The default endpoint alone while nothing can be known of others."""
    try:
        return endpoint_names(store)
    except ConfigurationUnknown:
        return (DEFAULT_ENDPOINT,)


def leading_nowhere(store: ConfigStore, rules: RoutingRules) -> dict[str, str]:
    """The endpoints that rules in force lead to and webhook_config does not list, each with the
    name of a rule: their deliveries wait. Raises ConfigurationUnknown."""
    listed = endpoint_names(store)
    return {
        rule.endpoint: rule.name
        for rule in reversed(rules.rules)
        if rule.enabled and rule.endpoint not in listed
    }
