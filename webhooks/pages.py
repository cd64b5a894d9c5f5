"""The pages on which something can be done about a delivery, as links."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.documents import ProcessingPrefs, WebhookConfig
from configstore.naming import endpoint_names
from configstore.store import ConfigurationUnknown
from webhooks.endpoints import DEFAULT


@dataclass(frozen=True, kw_only=True)
class Link:
    """needs: the permission that the page takes beyond those to look, "" for none."""

    label: str
    address: str
    needs: str = ""


def endpoint_page(name: str, field: str = "") -> Link:
    page = WebhookConfig.NAME if name == DEFAULT else name
    return page_link(
        _("Settings of endpoint %(endpoint)s") % {"endpoint": name},
        reverse("admin:configstore_webhook_change", args=[page]),
        field,
    )


def listed_endpoint_page(name: str) -> Link | None:
    """None for an endpoint that was removed: its page is gone. While the list is not known, the
    page says so."""
    try:
        listed = name in endpoint_names(config_store())
    except ConfigurationUnknown:
        listed = True
    return endpoint_page(name) if listed else None


def endpoint_add_page(name: str) -> Link:
    address = f"{reverse('admin:configstore_webhook_add')}?{urlencode({'name': name})}"
    label = _("Add endpoint %(name)s") % {"name": name}
    return Link(label=label, address=address, needs="configstore.add_webhook")


def processing_page(field: str) -> Link:
    address = reverse("admin:configstore_processing_change", args=[ProcessingPrefs.NAME])
    return page_link(_("Settings of processing"), address, field)


def page_link(label: str, address: str, field: str = "") -> Link:
    """field: the one that the page is to be opened at."""
    return Link(label=label, address=f"{address}#row_{field}" if field else address)
