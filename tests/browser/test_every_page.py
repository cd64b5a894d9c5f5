"""All pages, as people with other needs meet them, and under the Content-Security-Policy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from redis import Redis

from tests.browser.conftest import NAME, PASSWORD, PREFIX
from tests.environment import ROOT, child_environment
from tests.pages import DOWNLOADS, NOT_LOOKED_AT
from tests.servers.browser import Person
from tests.servers.web import Web

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
COLOURS = ["color-contrast", "link-in-text-block"]  # what is not the same in the dark
SEVERE = ("serious", "critical")
RULES = {
    "rules": [
        {
            "name": "sales",
            "conditions": [{"field": "subject", "test": "contains", "value": "lot"}],
            "endpoint": "sales",
        }
    ]
}
# Django's own of these pages: an icon beside a label, and the second half of a date and time.
DJANGOS = re.compile(
    r"/admin/auth/.* (aria-prohibited-attr: \['.*help-tooltip|label: \['#id_\w+_[01])"
)
# Beside the addresses that the url patterns name: filters, searches, popups.
MORE = (
    "/admin/webhooks/delivery/?q=lot&state__exact=dead",
    "/admin/webhooks/delivery/send-again/?endpoint=default&since=2020-01-01",
    "/admin/polling/mail/?q=nothing+of+the+kind",
    "/admin/configstore/revision/?document=webhook_config",
    "/admin/auth/group/add/?_to_field=id&_popup=1",
    "/admin/polling/mail/?_popup=1",
)
# What is not whole: outside of the window and of any box that scrolls, or in a box too small.
CUT = """() => {
  const wide = document.documentElement.clientWidth;
  const whole = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    const scrolls = element.closest("pre, textarea, .card:has(> .differences)");
    const fits = element.scrollWidth <= element.clientWidth + 1 || style.overflowX === "visible";
    return scrolls || !element.clientWidth || (box.left >= -1 && box.right <= wide + 1 && fits);
  };
  const seen = (element) =>
    element.checkVisibility({visibilityProperty: true}) &&
    !element.closest(".visually-hidden, #nav-sidebar");
  const told = "td, th, dt, dd, p, li, h1, h2, h3, label, .button";
  const cut = [...document.querySelectorAll(told)].filter((each) => seen(each) && !whole(each));
  const found = cut.map((each) => each.outerHTML.slice(0, 200));
  return document.documentElement.scrollWidth > wide ? ["the page itself", ...found] : found;
}"""


@pytest.fixture
def paths(web: Web, tmp_path: Path, redis_url: str) -> list[str]:
    """Of all pages of a relay that has something to show."""
    with Redis.from_url(redis_url) as client:
        client.set(f"{PREFIX}routing_rules", json.dumps(RULES))
        client.set(f"{PREFIX}webhook_config", json.dumps({"endpoints": ["sales"]}))
    environment = child_environment(
        tmp_path, DJANGO_SETTINGS_MODULE="render_signal.settings", REDIS_URL=redis_url
    )
    for module in ("tests.browser.seed", "tests.pages"):
        done = subprocess.run(
            [sys.executable, "-m", module],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    listed = [each["path"] for each in found if each["name"] not in DOWNLOADS | NOT_LOOKED_AT]
    assert len(listed) > 50
    return [*listed, *MORE]


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"{page.url} {each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        if each["impact"] in SEVERE
        for node in each["nodes"]
        if not DJANGOS.search(f"{page.url} {each['id']}: {node['target']}")
    ]


def look(somebody: Person) -> list[str]:
    """On a desk and on a phone. What the policy refuses to the checker itself is no fault."""
    page, faults, found = somebody.page, len(somebody.faults), []
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    options = {"runOnly": COLOURS} if dark else {"resultTypes": ["violations"]}
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict
        found += violations(page, options)
    del somebody.faults[faults:]
    return found


@pytest.fixture(params=["light", "dark"])
def somebody(request: pytest.FixtureRequest, chrome: Browser, web: Web) -> Iterator[Person]:
    somebody = Person(chrome, web.url, dark=request.param == "dark")
    yield somebody
    assert somebody.faults == []


def test_every_page_is_accessible_and_keeps_to_the_policy(
    somebody: Person, paths: list[str]
) -> None:
    page, seen, found = somebody.page, set(), []
    page.goto("/admin/login/")
    found += look(somebody)
    somebody.log_in(NAME, PASSWORD)
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status in (200, 403, 405), f"{path} answers {answer.status}"
        is_page = answer.headers["content-type"].startswith("text/html")
        if answer.status == 200 and is_page and page.url not in seen:
            seen.add(page.url)
            found += look(somebody)
    assert len(seen) > 30
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("french", [True, False], ids=["fr", "en"])
def test_every_page_fits_a_phone(chrome: Browser, web: Web, paths: list[str], french: bool) -> None:
    somebody = Person(chrome, web.url, french=french)
    somebody.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict
    somebody.log_in(NAME, PASSWORD)
    found: list[str] = []
    for path in paths:
        somebody.page.goto(path)
        found += [f"{path}: {each}" for each in somebody.page.evaluate(CUT)]
    assert found == [], "\n".join(found)
