"""Which names this service answers to."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health", "/metrics"])
@pytest.mark.parametrize("host", ["relay.my-domain.example", "render-signal-web:10000"])
def test_machines_ask_by_any_name(
    stores: Stores, settings: LazySettings, path: str, host: str
) -> None:
    """Render by a domain that was added a moment ago, a Prometheus by the internal name."""
    settings.ALLOWED_HOSTS = ["relay.onrender.example"]
    assert Client().get(path, headers={"host": host}).status_code == 200


def test_people_are_answered_by_the_allowed_names_only(
    stores: Stores, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["relay.onrender.example"]
    for path in ("/", "/admin/login/", "/login/link/abc/"):
        assert Client().get(path, headers={"host": "elsewhere.example"}).status_code == 400
