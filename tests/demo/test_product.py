from __future__ import annotations

import io
from pathlib import Path

from django.conf import LazySettings

from demo import product
from demo.folder import Folder
from demo.stage import Stage
from demo.terminal import Style
from tests.servers.ports import HOST, free_port


def lock_line(folder: Path) -> str:
    out = io.StringIO()
    product.tell_lock(Stage(folder, Folder(folder), out, Style()))
    return out.getvalue()


def test_a_redis_that_answers_is_named(
    tmp_path: Path, settings: LazySettings, redis_url: str
) -> None:
    settings.REDIS_URL = redis_url

    assert lock_line(tmp_path).startswith("lock      Redis: ")


def test_a_redis_that_is_away_is_told_with_the_reason(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.REDIS_URL = f"redis://{HOST}:{free_port()}/0"

    line = lock_line(tmp_path)
    assert "cannot be used: " in line
    assert line.endswith("Connection refused. A file lock takes its place.\n")
