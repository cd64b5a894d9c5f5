from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from django.conf import LazySettings

from polling.tokens import tokens


@pytest.fixture
def no_tokens(settings: LazySettings) -> Iterator[None]:
    """None is known yet; providers may be on this machine."""
    settings.EGRESS_ALLOWED_CIDRS = [ip_network("127.0.0.0/8")]
    tokens.cache_clear()
    yield
    tokens.cache_clear()
