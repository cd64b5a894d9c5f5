"""How long those who ask for a document wait for the stores, when they know it already."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from configstore.current import ConfigurationUnknown
from runtime.calls import Calls, StillUnderWay

SECONDS = 0.8


class Patience:
    """Reads in threads, each of which may be kept waiting by a store. While one of them is kept
    for long, nobody waits for the others either: they queue behind it."""

    def __init__(self) -> None:
        self._calls: Calls[None] = Calls(ConfigurationUnknown)

    @property
    def at_an_end(self) -> bool:
        """Whether a store keeps a read waiting for longer than anybody waits for that."""
        return self._calls.waited() >= SECONDS

    def read(self, name: str, read: Callable[[], object]) -> None:
        """Returns when it is read, or when enough was waited for it. Raises
        ConfigurationUnknown."""

        def run() -> None:
            read()

        call = self._calls.begin(name, run)
        with contextlib.suppress(StillUnderWay):
            call.wait(SECONDS - self._calls.waited())
