"""What /health says of the routing rules."""

from __future__ import annotations

from configstore.declared import config_store
from configstore.documents import RoutingRules
from configstore.rule_endpoints import leading_nowhere
from configstore.store import ConfigurationUnknown
from render_signal.parts import DEGRADED, OK, Part


def routing_parts() -> dict[str, Part]:
    """If there are rules. Those that lead nowhere hold what they send there."""
    store = config_store()
    try:
        rules = store.get(RoutingRules)
        nowhere = leading_nowhere(store, rules)
    except ConfigurationUnknown:  # told by the part "configuration"
        return {}
    if not rules.rules:
        return {}
    part: Part = {"status": OK, "rules": len(rules.rules)}
    if nowhere:
        told = (f"rule {rule!r} leads to endpoint {name}" for name, rule in nowhere.items())
        detail = f"{'; '.join(told)}: not listed in webhook_config, its deliveries wait"
        part |= {"status": DEGRADED, "detail": detail}
    return {"routing": part}
