"""Saving as the store does: over what was read before."""

from __future__ import annotations

from configstore.backends.base import (
    JSONObject,
)
from configstore.backends.fallback import FallbackChain, Written

NAME = "polling_config"


def write(chain: FallbackChain, document: JSONObject | None) -> Written:
    return chain.write(NAME, document, chain.read(NAME))
