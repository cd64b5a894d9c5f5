from __future__ import annotations

from django.apps import AppConfig


class ConfigstoreConfig(AppConfig):
    name = "configstore"
