"""The pictures of the documentation can be made anew."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests import screenshots
from tests.servers.browser import HOW, chromium, chromium_binary
from tests.servers.fixtures import missing
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import redis_binary


def test_each_picture_is_made(tmp_path: Path) -> None:
    _ = chromium_binary() or missing(HOW), redis_binary() or missing(REDIS_HOW)
    screenshots.main(tmp_path)
    made = {picture.name for picture in tmp_path.iterdir()}
    assert made == {picture.name for picture in screenshots.FOLDER.glob("*.png")}


def test_a_picture_ends_below_the_last_of_what_it_is_to_show() -> None:
    binary = chromium_binary() or missing(HOW)
    bar = '<p style="position: sticky; bottom: 0; margin: 0"><button>Save</button></p>'
    fields = '<p style="height: 1500px">Fields</p>'
    with chromium(binary) as browser:
        page = browser.new_page(viewport={"width": 400, "height": screenshots.TALL})
        page.set_content(f"{fields}{bar}<h2 style='margin: 40px'>More</h2>")
        screenshots.fit(page, page.get_by_role("button"))
        expect(page.get_by_text("Fields")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("heading")).not_to_be_in_viewport()
