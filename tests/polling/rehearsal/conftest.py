"""An endpoint that must hear nothing, and the rules that a mail is tried with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from configstore import declared
from configstore.backends.base import JSONObject
from tests.polling.documents import Memory, store_of
from tests.servers.endpoint import Endpoint
from webhooks.models import Attempt, Delivery, EndpointState

SECRET = "s3cret-of-the-header"


def rule(name: str, endpoint: str, *conditions: str, **fields: Any) -> JSONObject:
    """Each condition is "part test value"."""
    split = (text.split(" ", 2) for text in conditions)
    tests = [dict(zip(("field", "test", "value"), parts, strict=True)) for parts in split]
    return {"name": name, "endpoint": endpoint, "conditions": tests, **fields}


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint) -> Iterator[Memory]:
    memory = Memory()
    memory.documents = {
        "processing_prefs": {"relay_without_links": True},
        "webhook_config": {"webhook_url": endpoint.tls_url, "endpoints": ["editing"]},
        "webhook_config:editing": {
            "webhook_url": "https://edit.example/hook",
            "webhook_headers": {"x-make-apikey": SECRET},
        },
        "routing_rules": {
            "rules": [
                rule(
                    "recadrage", "editing", "subject contains recadrage",
                    r"body regex à faire pour (?P<delivery_time>\d{1,2}h(?:\d{2})?)",
                    fields={"detector": "recadrage"}, stop=False,
                ),
                rule("refused", "default", "subject contains lot", "sender equals a@b.example"),
                rule("slow", "default", "body regex (a|aa)+$", stop=False),
                rule("off", "default", enabled=False),
                rule("gone", "gone", "subject contains lot"),
                rule("never", "default"),
            ]
        },
    }  # fmt: skip
    store = store_of(memory)
    declared.config_store.cache_clear()
    monkeypatch.setattr(declared, "build_store", lambda: store)
    yield memory
    declared.config_store.cache_clear()


@pytest.fixture
def browser(admin_user: User, documents: Memory) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture(autouse=True)
def nothing_is_done(documents: Memory, endpoint: Endpoint) -> Iterator[None]:
    """Whatever is tried."""
    before = json.dumps(documents.documents)
    yield
    assert endpoint.requests == []
    assert [Delivery.objects.count(), Attempt.objects.count(), EndpointState.objects.count()] == [
        0, 0, 0
    ]  # fmt: skip
    assert json.dumps(documents.documents) == before
