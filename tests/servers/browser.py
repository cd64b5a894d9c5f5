"""A real browser, as people have it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

HOW = "install chromium, or set CHROMIUM"
# The browser asks nobody but this machine, whatever a page or its own services want.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def chromium_binary() -> str | None:
    for name in (os.environ.get("CHROMIUM"), "chromium", "google-chrome", "chromium-browser"):
        if name and (found := shutil.which(name)):
            return found
    return None


@contextmanager
def chromium(binary: str) -> Iterator[Browser]:
    """Not for a whole session: while it runs, Django takes its thread for an asynchronous one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=list(OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


class Person:
    """Somebody at a browser of their own. faults are what its console complained of: errors of our
    scripts, and what the Content-Security-Policy refused."""

    def __init__(
        self, browser: Browser, base: str, *, dark: bool = False, french: bool = False
    ) -> None:
        context = browser.new_context(
            locale="fr-FR" if french else "en-GB",
            color_scheme="dark" if dark else "light",
            base_url=base,
        )
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        context.on("page", self._watch)
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._complain)

    def _complain(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def log_in(self, name: str, password: str) -> None:
        self.page.goto("/admin/")
        self.page.locator("#id_username").fill(name)
        self.page.locator("#id_password").fill(password)
        self.page.locator("[type=submit]").click()

    def says(self, text: str) -> None:
        """Waits for it."""
        self.page.get_by_text(text).first.wait_for()
