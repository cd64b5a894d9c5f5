"""Somebody opens the admin and sees at one glance that all is well, or what is not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from redis import Redis

from polling.lock import redis_key
from tests.browser.conftest import NAME, PASSWORD
from tests.environment import ROOT, child_environment
from tests.servers.browser import Person
from tests.servers.redis import RedisServer
from tests.servers.web import Web

Enter = Callable[[], Person]
Fill = Callable[..., None]
PHONE: Any = {"width": 390, "height": 844}
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
QUARTER_MINUTE = 16_000


@pytest.fixture
def fill(web: Web, tmp_path: Path, redis_url: str) -> Fill:
    def run(*how: str) -> None:
        environment = child_environment(
            tmp_path, DJANGO_SETTINGS_MODULE="render_signal.settings", REDIS_URL=redis_url
        )
        command = [sys.executable, "-m", "tests.browser.dashboard_seed", *how]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        with Redis.from_url(redis_url) as client:
            client.set(redis_key("default"), "pid=7 host=worker-1 since=2026-11-20T09:00:00Z")

    return run


def board(page: Page) -> Any:
    return page.locator("#dashboard")


def headline(page: Page) -> Any:
    return page.locator("#dashboard-headline")


def open_front(person: Person, *, clock: bool = False) -> Page:
    page = person.page
    if clock:
        page.clock.install()
    page.goto("/admin/")
    return page


def test_all_is_well(person: Enter, fill: Fill) -> None:
    fill()
    page = open_front(person())
    expect(headline(page)).to_have_text("All is well")
    expect(board(page)).to_contain_text("process 7 on worker-1")
    page.locator("#figure-delivered").click()
    expect(page.locator("#result_list tbody tr").first).to_be_visible()


def test_nothing_is_set_up_yet(person: Enter) -> None:
    page = open_front(person())
    expect(headline(page)).to_have_text("1 thing needs you")
    page.get_by_role("link", name="Set it up").click()
    expect(page).not_to_have_url(re.compile("/admin/$"))


def test_each_trouble_is_told_and_leads_to_its_cure(person: Enter, fill: Fill) -> None:
    fill("trouble")
    page = open_front(person())
    for sentence in (
        "mailbox default has refused the login.",
        "1 mail of mailbox default could not be read.",
        "endpoint default has been failing.",
        "Endpoint crm is paused: nothing is sent to it.",
        "Rule “Invoices” leads to endpoint books, which nobody describes.",
        "1 delivery to endpoint default is dead.",
    ):
        expect(board(page)).to_contain_text(sentence)
    expect(headline(page)).to_have_text("6 things need you")
    page.get_by_role("link", name="Send again…").click()
    page.get_by_role("button", name="Send 1 again").click()
    page.goto("/admin/")
    expect(headline(page)).to_have_text("5 things need you")


def test_an_endpoint_is_resumed_right_there(person: Enter, fill: Fill) -> None:
    fill("trouble")
    page = open_front(ada := person())
    page.get_by_role("button", name="Resume endpoint crm").first.click()
    ada.says("1 endpoint is resumed.")
    expect(page).to_have_url(re.compile("/admin/$"))
    expect(headline(page)).to_have_text("5 things need you")
    expect(page.get_by_role("button", name="Resume endpoint crm")).to_have_count(0)


@pytest.mark.parametrize(
    ("how", "sentence"), [("stop", "Redis cannot be reached."), ("poller", "no runpoller is at")]
)
def test_what_only_redis_knows(
    person: Enter, fill: Fill, redis_server: RedisServer, how: str, sentence: str
) -> None:
    fill()
    page = open_front(person())
    if how == "stop":
        redis_server.stop()
    else:
        redis_server.client().delete(redis_key("default"))
    page.reload()
    expect(board(page)).to_contain_text(sentence)


def test_it_refreshes_by_itself_and_keeps_the_place(person: Enter, fill: Fill) -> None:
    fill()
    page = open_front(person(), clock=True)
    page.get_by_text("As a table").click()
    link = page.locator("#figure-delivered")
    link.focus()
    page.evaluate("scrollTo(0, 150)")
    fill("trouble")
    with page.expect_response("**/admin/dashboard/"):
        page.clock.fast_forward(QUARTER_MINUTE)
    expect(headline(page)).to_contain_text("things need you")
    expect(page.get_by_role("status")).to_have_text(re.compile("things need you"))
    expect(page.locator("#chart-table")).to_have_attribute("open", "")
    expect(link).to_be_focused()
    assert page.evaluate("scrollY") == 150


def test_it_says_when_it_could_not_refresh(person: Enter, fill: Fill) -> None:
    fill()
    page = open_front(person(), clock=True)
    page.route("**/admin/dashboard/", lambda route: route.abort())
    page.clock.fast_forward(QUARTER_MINUTE)
    expect(page.locator("#dashboard-said")).to_contain_text("This could not be refreshed.")
    expect(headline(page)).to_have_text("All is well")
    page.unroute("**/admin/dashboard/")
    page.clock.fast_forward(QUARTER_MINUTE)
    expect(page.locator("#dashboard-said")).to_contain_text("Up to date at")


def test_who_was_logged_out_is_told(person: Enter, fill: Fill) -> None:
    fill()
    page = open_front(person(), clock=True)
    page.context.clear_cookies()
    page.clock.fast_forward(QUARTER_MINUTE)
    expect(page.locator("#dashboard-said")).to_contain_text("This could not be refreshed.")


def test_nothing_is_asked_while_nobody_looks(person: Enter, fill: Fill) -> None:
    fill()
    page = open_front(person(), clock=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
    page.clock.fast_forward(4 * QUARTER_MINUTE)
    assert [url for url in asked if "dashboard" in url] == []
    with page.expect_response("**/admin/dashboard/"):
        page.evaluate("document.hidden = false; "
                      "document.dispatchEvent(new Event('visibilitychange'))")  # fmt: skip


def test_all_of_it_is_reached_with_the_keyboard(person: Enter, fill: Fill) -> None:
    fill("trouble")
    page = open_front(person())
    page.locator("#dashboard-headline").focus()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
    for name in ("Resume", "Send again…", "What waits", "As a table", "Reload", "All lists"):
        assert name in seen
    page.locator("#chart-table summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#chart-table table")).to_be_visible()


@pytest.mark.parametrize("how", [(), ("trouble",)])
def test_it_fits_a_phone(person: Enter, fill: Fill, how: tuple[str, ...]) -> None:
    fill(*how)
    page = person().page
    page.set_viewport_size(PHONE)
    page.goto("/admin/")
    page.get_by_text("As a table").click()
    page.get_by_text("All lists").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.fixture
def strict(chrome: Browser, web: Web) -> Iterator[Page]:
    """A browser that loads and runs nothing but what comes from our own files."""
    somebody = Person(chrome, web.url)
    somebody.log_in(NAME, PASSWORD)
    page = somebody.page

    def with_policy(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "content-security-policy": POLICY}
        route.fulfill(response=answer, headers=headers)

    page.route("**/admin/", with_policy)
    yield page
    assert somebody.faults == []


def test_it_needs_nothing_that_a_strict_policy_forbids(strict: Page, fill: Fill) -> None:
    fill("trouble")
    refused: list[str] = []
    strict.on("console", lambda message: refused.append(message.text))
    strict.clock.install()
    strict.goto("/admin/")
    fill_colour = "getComputedStyle(document.querySelector('svg.chart rect')).fill"
    assert strict.evaluate(fill_colour) == "rgb(46, 158, 91)"
    with strict.expect_response("**/admin/dashboard/"):
        strict.clock.fast_forward(QUARTER_MINUTE)
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_it_says_all_without_scripts(chrome: Browser, web: Web, fill: Fill) -> None:
    fill("trouble")
    context = chrome.new_context(base_url=web.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(headline(page)).to_have_text("6 things need you")
    page.get_by_role("link", name="Reload").click()
    expect(headline(page)).to_have_text("6 things need you")
