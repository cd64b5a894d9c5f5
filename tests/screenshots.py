"""Makes the pictures of docs/images anew: `python -m tests.screenshots` (`make screenshots`).

A real web process with rows of the tests, looked at in Chromium.
"""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from tests.environment import ROOT, child_environment
from tests.servers.browser import HOW, Person, chromium, chromium_binary
from tests.servers.redis import HOW as REDIS_HOW
from tests.servers.redis import RedisServer, redis_binary
from tests.servers.web import Web

FOLDER = ROOT / "docs" / "images"
NAME, PASSWORD = "ada", "correct horse battery"
LOCK = "render_signal:poller_lock"
HOLDER = "pid=7 host=worker-1 since=2026-11-20T09:00:00Z"
# Until the web process has read the settings anew, in milliseconds.
READ_ANEW = 5000
WIDTH = 1180
# Higher than any of the pages: what sticks to the lower edge of a window is in its own place there.
TALL = 3000
BELOW = 12


def main(pictures: Path = FOLDER) -> None:
    pictures.mkdir(exist_ok=True)
    binary = chromium_binary() or sys.exit(HOW)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(_redis(folder))
        web = stack.enter_context(_web(folder, redis))
        page = _enter(stack.enter_context(chromium(binary)), web)
        for name, last in _pages(page, lambda: _fill(folder, redis)):
            page.wait_for_load_state("networkidle")
            fit(page, last)
            page.screenshot(path=pictures / f"{name}.png", animations="disabled", caret="hide")
            page.set_viewport_size(_size(TALL))


def _enter(browser: Browser, web: Web) -> Page:
    """Logged in, and without the list of all lists."""
    person = Person(browser, web.url)
    person.page.set_viewport_size(_size(TALL))
    person.log_in(NAME, PASSWORD)
    person.page.goto("/admin/polling/mail/")
    person.page.get_by_role("button", name="Toggle navigation").click()
    return person.page


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[RedisServer]:
    server = RedisServer(redis_binary() or sys.exit(REDIS_HOW), folder)
    yield server
    server.stop()


@contextlib.contextmanager
def _web(folder: Path, redis: RedisServer) -> Iterator[Web]:
    login = {"DASHBOARD_USER": NAME, "DASHBOARD_PASSWORD": PASSWORD}
    web = Web(folder, {"REDIS_URL": redis.url, **login})
    yield web
    web.stop()


def _fill(folder: Path, redis: RedisServer) -> None:
    environment = child_environment(
        folder, DJANGO_SETTINGS_MODULE="render_signal.settings", REDIS_URL=redis.url
    )
    command = [sys.executable, "-m", "tests.browser.picture_seed"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    with redis.client() as client:
        client.set(LOCK, HOLDER)


def fit(page: Page, last: Locator) -> None:
    """The window ends below this."""
    box = last.bounding_box()
    assert box is not None
    page.set_viewport_size(_size(math.ceil(box["y"] + box["height"]) + BELOW))


def _size(height: int) -> Any:
    return {"width": WIDTH, "height": height}


def _pages(page: Page, fill: Callable[[], None]) -> Iterator[tuple[str, Locator]]:
    """Goes from one to the next, and names what is to be seen, and the last of it: whatever the
    documentation says of a picture is in it."""
    page.goto("/admin/assistant/")
    page.get_by_label("User", exact=True).fill("you@example.org")
    page.get_by_label("Provider", exact=True).select_option("google")
    yield "assistant", page.get_by_role("button", name="Test and save")
    fill()
    page.wait_for_timeout(READ_ANEW)
    page.goto("/admin/")
    yield "first-page", page.get_by_role("region", name="Mailboxes")
    page.get_by_role("region", name="Routing rules").get_by_role("link", name="Change").click()
    yield "routing-rules", page.get_by_role("button", name="Save", exact=True)
    page.goto("/admin/polling/mail/")
    page.locator("#searchbar").fill("lot 90")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Livraison été, lot 90").click()
    yield "mail", page.get_by_role("region", name="To default")


if __name__ == "__main__":
    main()
