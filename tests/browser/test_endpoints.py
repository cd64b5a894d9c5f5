"""Endpoints, added and given secrets by somebody who has never seen them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.servers.browser import Person

Enter = Callable[[], Person]
Stored = Callable[[str], Any]
PHONE = {"width": 390, "height": 844}


def test_an_endpoint_is_added_from_the_first_page_and_given_a_secret(
    person: Enter, stored: Stored
) -> None:
    page = (ada := person()).page
    page.goto("/admin/")
    page.get_by_role("link", name="All endpoints").click()
    page.get_by_role("link", name="Add an endpoint").click()
    page.get_by_label("Name").fill("crm")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Webhook URL").fill("https://crm.example/hook")
    page.get_by_label("Secret headers").fill("x-make-apikey: abc")
    page.get_by_label("Make a new secret").check()
    page.get_by_role("button", name="Save", exact=True).click()
    ada.says("it is shown on this page for ten minutes")
    secret = page.get_by_label("Secret", exact=True).input_value()
    page.get_by_role("button", name="Copy").click()
    assert page.get_by_label("Secret headers").input_value() == "x-make-apikey: ********"
    assert stored("webhook_config") == {"endpoints": ["crm"]}
    assert secret.startswith("whsec_")
    assert secret not in str(stored("webhook_config:crm"))
    page.reload()
    assert page.get_by_label("Secret", exact=True).input_value() == secret


def test_a_double_click_sends_a_form_once(person: Enter, stored: Stored) -> None:
    page = (ada := person()).page
    page.goto("/admin/configstore/webhook/add/")
    page.get_by_label("Name").fill("crm")
    page.evaluate("""() => {
      window.sent = 0;
      addEventListener("submit", (event) => {
        window.sent += !event.defaultPrevented;
        event.preventDefault();
      });
    }""")
    page.get_by_role("button", name="Add").dblclick()
    assert page.evaluate("window.sent") == 1
    page.reload()
    page.get_by_label("Name").fill("crm")
    page.get_by_role("button", name="Add").dblclick()
    ada.says("Endpoint crm")
    assert stored("webhook_config") == {"endpoints": ["crm"]}


def test_the_list_fits_a_phone(person: Enter, stored: Stored) -> None:
    page = person().page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a ViewportSize
    page.goto("/admin/configstore/webhook/")
    assert page.get_by_text("no address").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
