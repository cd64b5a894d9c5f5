"""A poller in the thread of a test, on a scripted server."""

from __future__ import annotations

from collections.abc import Callable

from configstore.backends.base import JSONObject
from polling.lease import Lease
from polling.poller import Poller
from runtime.stopping import PartStop, Stop, Wake
from tests.polling.documents import Memory, store_of
from tests.servers.imap_script import ScriptedImap


class Serving:
    """news is called when deliveries were queued."""

    def __init__(self, server: ScriptedImap, lease: Lease, **fields: object) -> None:
        self.stop = Stop()
        self.documents = Memory()
        self.store = store_of(self.documents)
        self.describe(server, **fields)
        self.news: Callable[[], None] = lambda: None
        self.poller = Poller(
            lease, self.store, PartStop(self.stop), self.stop.attach(Wake()), lambda: self.news()
        )

    def describe(self, server: ScriptedImap, **fields: object) -> None:
        document: JSONObject = {
            "imap_host": "127.0.0.1",
            "imap_port": server.port,
            "imap_security": "none",
            "imap_user": "user@relay.example",
            "imap_password": "the-password",
            **fields,
        }
        self.documents.documents["polling_config"] = document
        self.store.refresh()

    def close(self) -> None:
        self.poller.farewell()
        self.stop.close()
