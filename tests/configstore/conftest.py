from __future__ import annotations

import pytest

from configstore.backends import fallback


@pytest.fixture(autouse=True)
def stores_are_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests mend a store and look; nobody waits a second for that."""
    monkeypatch.setattr(fallback, "LEFT_ALONE_SECONDS", 0.0)
