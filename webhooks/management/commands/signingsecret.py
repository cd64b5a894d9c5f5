"""The secret that receivers need."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webhooks.endpoints import DEFAULT
from webhooks.signing import derive_secret


class Command(BaseCommand):
    help = "Print the secret with which receivers verify the signature of webhooks."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(derive_secret(str(settings.SECRET_KEY), DEFAULT))
