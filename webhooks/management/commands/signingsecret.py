"""The secret that receivers need."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from configstore.declared import config_store
from configstore.documents import WebhookConfig, endpoint_document
from configstore.naming import endpoint_names
from configstore.secrets import SecretUnreadable
from configstore.signing_secrets import derived_secrets
from configstore.store import ConfigurationUnknown
from webhooks.alerts.notify import SIGNER
from webhooks.endpoints import DEFAULT, signing_secrets


class Command(BaseCommand):
    help = "Print the secret with which receivers verify the signature of webhooks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("endpoint", nargs="?", default=DEFAULT)
        parser.add_argument(
            "--alerts", action="store_true", help="the secret of the alert webhook instead"
        )

    def handle(self, *args: Any, endpoint: str, alerts: bool, **options: Any) -> None:
        if alerts:
            self.stdout.write(derived_secrets(SIGNER)[0])
            return
        store = config_store()
        try:
            names = endpoint_names(store)
            if endpoint not in names:
                raise CommandError(f"There is no endpoint {endpoint}; there are {', '.join(names)}")
            config = store.get(WebhookConfig, endpoint_document(endpoint))
            self.stdout.write(signing_secrets(endpoint, config)[0])
        except (ConfigurationUnknown, SecretUnreadable) as exc:
            raise CommandError(str(exc)) from exc
