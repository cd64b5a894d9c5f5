from __future__ import annotations

from django.apps import AppConfig


class PollingConfig(AppConfig):
    name = "polling"
