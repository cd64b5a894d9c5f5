"""A terminal, and a mailbox that takes nothing but tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from configstore.declared import config_store
from tests.polling.oauth.accounts import demanding
from tests.polling.oauth.terminal import Terminal
from tests.servers.fixtures import MakeImap
from tests.servers.imap_script import ScriptedImap
from tests.servers.provider import Provider

FILE = "configstore.backends.file.FileBackend"


@pytest.fixture
def server(make_imap: MakeImap, provider: Provider) -> ScriptedImap:
    server = make_imap()
    server.capabilities = "IMAP4rev1 IDLE ID AUTH=XOAUTH2"
    server.on("AUTHENTICATE", demanding(provider, []))
    return server


@pytest.fixture
def terminal(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    folder = tmp_path / "config"
    settings.CONFIG_STORE_DIR = folder
    settings.CONFIG_STORES = [{"BACKEND": FILE, "OPTIONS": {"directory": folder}}]
    config_store.cache_clear()
    monkeypatch.setattr("configstore.store.REFRESH_SECONDS", 0.0)
    terminal = Terminal(folder, monkeypatch)
    yield terminal
    terminal.close()
    config_store.cache_clear()
