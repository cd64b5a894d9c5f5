"""The pictures of the documentation can be made anew."""

from __future__ import annotations

from pathlib import Path

from tests import screenshots
from tests.servers.browser import HOW, chromium_binary
from tests.servers.fixtures import missing
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import redis_binary


def test_each_picture_is_made(tmp_path: Path) -> None:
    _ = chromium_binary() or missing(HOW), redis_binary() or missing(REDIS_HOW)
    screenshots.main(tmp_path)
    made = {picture.name for picture in tmp_path.iterdir()}
    assert made == {picture.name for picture in screenshots.FOLDER.glob("*.png")}
