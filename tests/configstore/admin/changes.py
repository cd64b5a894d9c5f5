"""Settings that somebody else changed, and where their history is."""

from __future__ import annotations

from configstore import editing
from configstore.backends.base import JSONObject
from configstore.documents import PollingConfig, WebhookConfig
from configstore.models import Revision
from tests.configstore.admin.stores import Stores

NAME = "webhook_config"
HISTORY = "/admin/configstore/revision/"
EXPORT, IMPORT = f"{HISTORY}export/", f"{HISTORY}import/"


def save(stores: Stores, raw: JSONObject, name: str = NAME, author: str = "bob") -> Revision:
    kind = WebhookConfig if name == NAME else PollingConfig
    version = stores.store.current(kind, name).version
    editing.save(stores.store, kind, name, raw, expected=version, author=author, action="changed")
    newest = Revision.objects.first()
    assert newest is not None
    return newest
