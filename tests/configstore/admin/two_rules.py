"""Two rules, and what is stored of rules."""

from __future__ import annotations

from configstore.backends.base import JSONObject
from configstore.rules import Rule
from tests.configstore.admin.stores import Stores

RECADRAGE: JSONObject = {
    "name": "Recadrage",
    "conditions": [
        {"field": "subject", "test": "contains", "value": "recadrage", "since": 2020},
        {"field": "body", "test": "regex", "value": r"pour (?P<delivery_time>\d+h)"},
    ],
    "endpoint": "editing",
    "fields": {"detector": "recadrage"},
    "colour": {"hue": 7},
}
ARCHIVE: JSONObject = {"name": "Archive", "endpoint": "archive", "stop": False}


def saved(stores: Stores) -> list[JSONObject]:
    found: list[JSONObject] = stores["routing_rules"]["rules"]
    return found


def complete(rule: JSONObject) -> JSONObject:
    return Rule.model_validate(rule).model_dump(mode="json")
