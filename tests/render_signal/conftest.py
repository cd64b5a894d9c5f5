from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from configstore.declared import config_store
from render_signal.health import probing
from render_signal.metrics import views as metrics_views
from runtime.redis import _client
from tests.render_signal.service import Service
from tests.servers.web import Web

PATIENCE_SECONDS = 15.0
PASSWORD = "correct horse battery"
MakeWeb = Callable[..., Web]


@pytest.fixture
def service(
    settings: LazySettings,
    tmp_path: Path,
    redis_url: str,
    committed_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Service]:
    """What it answers is asked, not how fast a machine is that runs other tests beside."""
    for module in (probing, metrics_views):
        monkeypatch.setattr(module, "PROBE_SECONDS", PATIENCE_SECONDS)
    config_store.cache_clear()
    yield Service(settings, tmp_path, redis_url)
    config_store.cache_clear()
    _client.cache_clear()


@pytest.fixture
def make_web(tmp_path: Path) -> Iterator[MakeWeb]:
    running: list[Web] = []

    def make(**variables: str) -> Web:
        user = {"DASHBOARD_USER": "ada", "DASHBOARD_PASSWORD": PASSWORD}
        running.append(Web(tmp_path, user | variables))
        return running[-1]

    yield make
    for web in running:
        web.stop()
    if running:
        sys.stdout.write(running[-1].log)
