"""Who may make which links."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from configstore.models import Revision
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db
PAGE = "/admin/configstore/magiclink/"


def test_a_link_lends_nobody_more_rights_than_its_maker_has(stores: Stores, ada: User) -> None:
    bob = staff_with("add_magiclink", "view_magiclink")
    bob.post(PAGE, {"owner": "ada", "kind": "permanent"})
    assert not Revision.objects.exists()
    bob.post(PAGE, {"owner": "bob", "kind": "permanent"})
    (entry,) = stores["magic_link_tokens"].values()
    assert entry["owner"] == "bob"


def test_a_superuser_makes_links_for_all(browser: Client, stores: Stores) -> None:
    User.objects.create_user("bob", is_staff=True)
    answer = browser.post(PAGE, {"owner": "bob", "kind": "once"}).content.decode()
    assert "/login/link/" in answer
    (entry,) = stores["magic_link_tokens"].values()
    assert (entry["owner"], entry["single_use"]) == ("bob", True)


def test_the_history_of_a_link_is_the_list(browser: Client, stores: Stores) -> None:
    assert browser.get(f"{PAGE}x/history/", follow=True).status_code == 200


def test_whoever_logged_in_after_the_press_comes_to_the_list(
    browser: Client, stores: Stores
) -> None:
    browser.post(PAGE, {"owner": "ada", "kind": "permanent"})
    (link,) = stores["magic_link_tokens"]
    assert browser.get(f"{PAGE}revoke/", {"link": link})["Location"] == PAGE
    assert [*stores["magic_link_tokens"]] == [link]
