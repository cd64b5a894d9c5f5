"""The store that the settings declare."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from configstore.backends.base import ConfigBackend
from configstore.backends.fallback import FallbackChain
from configstore.keeping import Keeper
from configstore.store import ConfigStore


class InvalidConfigStore(ImproperlyConfigured):
    """CONFIG_STORES names a backend that cannot be built."""


def build_backend(declaration: dict[str, Any]) -> ConfigBackend:
    try:
        backend = import_string(declaration["BACKEND"])
    except ImportError as exc:
        raise InvalidConfigStore(f"Cannot import {declaration['BACKEND']}: {exc}") from exc
    built: ConfigBackend = backend(**declaration.get("OPTIONS", {}))
    return built


def build_store() -> ConfigStore:
    return ConfigStore(
        FallbackChain([build_backend(declaration) for declaration in settings.CONFIG_STORES]),
        Keeper.in_folder(Path(settings.CONFIG_STORE_DIR)),
        settings.CONFIG_DEFAULTS,
    )


@cache
def config_store() -> ConfigStore:
    """The store of this process."""
    return build_store()
