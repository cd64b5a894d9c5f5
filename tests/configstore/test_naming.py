from __future__ import annotations

import pytest

from configstore.documents import MagicLinkTokens, PollingConfig, WebhookConfig
from configstore.naming import UnknownName, checked_kind


def test_a_name_tells_what_the_document_is() -> None:
    assert checked_kind("polling_config:sales-2") is PollingConfig
    assert checked_kind("webhook_config:crm") is WebhookConfig
    assert checked_kind("magic_link_tokens") is MagicLinkTokens


@pytest.mark.parametrize(
    "name",
    [
        "",
        "polling",
        "Polling_config",
        "polling_config:",
        "polling_config:Sales",
        "polling_config:a:b",
        "polling_config:default",
        "polling_config:../x",
        "webhook_config:Sales",
        "processing_prefs:sales",
    ],
)
def test_what_is_no_name_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(UnknownName) as refused:
        checked_kind(name)
    for known in (
        "polling_config, webhook_config, processing_prefs, routing_rules, magic_link_tokens",
        "polling_config:NAME, webhook_config:NAME",
        repr(name),
    ):
        assert known in str(refused.value)
