from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from configstore import labels, wording
from configstore.first_user import create_first_user


class ConfigstoreApp(AppConfig):
    name = "configstore"
    verbose_name = _("Settings")

    def ready(self) -> None:
        wording.name_fields_with(labels.by_label)
        # One of the apps as sender: migrate sends this for each of them.
        auth = self.apps.get_app_config("auth")  # type: ignore[union-attr]  # set by now
        post_migrate.connect(create_first_user, sender=auth)
