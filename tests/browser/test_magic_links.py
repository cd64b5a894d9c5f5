from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from tests.servers.browser import Person
from tests.servers.web import Web

Enter = Callable[[], Person]


def make_link(ada: Person, kind: str) -> str:
    ada.page.goto("/admin/configstore/magiclink/")
    ada.page.get_by_label(kind).check()
    ada.page.get_by_role("button", name="Make a link").click()
    return ada.page.get_by_label("Link", exact=True).input_value()


def follow(chrome: Browser, web: Web, link: str) -> Person:
    """Somebody who is not logged in opens the link and presses its button."""
    guest = Person(chrome, web.url)
    guest.page.goto(link)
    assert "#" not in guest.page.url
    guest.page.get_by_role("button", name="Log in").click()
    return guest


def test_a_link_is_made_used_and_not_used_again(
    person: Enter, chrome: Browser, web: Web, stored: Callable[[str], Any]
) -> None:
    ada = person()
    link = make_link(ada, "for one login")
    guest = follow(chrome, web, link)
    guest.page.wait_for_url("**/admin/")
    guest.says("Overview")
    late = follow(chrome, web, link)
    late.says("This link was used already")
    ada.page.goto("/admin/configstore/magiclink/")
    ada.says("used")
    secret = link.rpartition("#")[2]
    assert secret not in str(stored("magic_link_tokens"))
    assert secret not in ada.page.content()
    assert secret not in web.log


def test_a_permanent_link_works_until_it_is_revoked(
    person: Enter, chrome: Browser, web: Web
) -> None:
    ada = person()
    link = make_link(ada, "for any number of logins")
    for _ in range(2):
        follow(chrome, web, link).page.wait_for_url("**/admin/")
    ada.page.goto("/admin/configstore/magiclink/")
    ada.page.get_by_role("button", name="Revoke", exact=True).click()
    ada.says("Revoked: 1")
    follow(chrome, web, link).says("This link is not known")


def test_opening_a_link_does_not_use_it(person: Enter, chrome: Browser, web: Web) -> None:
    link = make_link(person(), "for one login")
    scanner = Person(chrome, web.url)
    scanner.page.goto(link)
    scanner.page.goto(link)
    follow(chrome, web, link).page.wait_for_url("**/admin/")
