from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from configstore.declared import config_store
from runtime.redis import _client
from tests.render_signal.service import Service


@pytest.fixture
def service(settings: LazySettings, tmp_path: Path, redis_url: str) -> Iterator[Service]:
    config_store.cache_clear()
    yield Service(settings, tmp_path, redis_url)
    config_store.cache_clear()
    _client.cache_clear()
