"""Several processes of one machine in one outage."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.configstore.outage import Stores, everywhere, interval, save, seconds
from tests.environment import ROOT, child_environment
from tests.servers.php import TOKEN, PhpApi


def test_many_processes_carry_at_once(stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    processes = [stores.process() for _ in range(6)]
    save(processes[0], 60)
    for number in range(61, 66):
        stores.lose("Redis", "PHP")
        save(processes[number % 6], number)
        stores.find("Redis", "PHP")
        together = [threading.Thread(target=interval, args=(process,)) for process in processes]
        for thread in together:
            thread.start()
        for thread in together:
            thread.join()
        assert [interval(process) for process in processes] == [number] * 6
        assert stores.held() == everywhere(seconds(number))
        assert not stores.pending()
    assert "meanwhile changed there" not in caplog.text


def test_a_real_process_sees_a_save_of_another_and_brings_it_to_the_stores(
    stores: Stores, settings: LazySettings, tmp_path: Path, php_api: PhpApi
) -> None:
    save(stores.process(), 60)
    stores.lose("Redis", "PHP")
    save(stores.process(), 90)
    program = (
        "import django; django.setup();"
        "from configstore.declared import config_store as s;"
        "from configstore.documents import PollingConfig as P; print(s().get(P).interval_seconds)"
    )

    def run() -> str:
        variables = {
            "DJANGO_SETTINGS_MODULE": "render_signal.settings",
            "CONFIG_STORE_DIR": str(tmp_path),
            "REDIS_URL": settings.REDIS_URL,
            "EXTERNAL_CONFIG_BASE_URL": php_api.base_url,
            "CONFIG_API_TOKEN": TOKEN,
        }
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=child_environment(tmp_path, **variables),
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    assert run() == "90\n"
    stores.find("Redis", "PHP")
    assert run() == "90\n"
    assert stores.held() == everywhere(seconds(90))
