"""What holds for all documents of which there may be several: mailboxes and endpoints."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from django.test import Client

from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db


class Kind(NamedTuple):
    """model is its name in addresses and permissions."""

    model: str
    one: str
    document: str
    listed: str

    @property
    def list(self) -> str:
        return f"/admin/configstore/{self.model}/"

    @property
    def add(self) -> str:
        return f"{self.list}add/"

    def page(self, name: str, what: str = "change") -> str:
        return f"{self.list}{name}/{what}/"


KINDS = [
    Kind("mailbox", "a mailbox", "polling_config", "mailboxes"),
    Kind("webhook", "an endpoint", "webhook_config", "endpoints"),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.model)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.mark.parametrize("name", ["default", "Sales", "a b", "", "x" * 41, "../x", "-a"])
def test_a_name_that_is_none_is_refused(
    browser: Client, stores: Stores, kind: Kind, name: str
) -> None:
    refused = browser.post(kind.add, {"name": name}, follow=True).content.decode()
    assert 'role="alert"' in refused
    assert stores.redis.documents == {}


def test_a_name_that_is_taken_leads_to_its_page(
    browser: Client, stores: Stores, kind: Kind
) -> None:
    """As when the button is pressed twice."""
    browser.post(kind.add, {"name": "sales"})
    again = browser.post(kind.add, {"name": "sales"}, follow=True)
    assert again.redirect_chain == [(kind.page("sales"), 302)]
    assert f"There is {kind.one} of this name" in again.content.decode()
    assert stores[kind.document] == {kind.listed: ["sales"]}


def test_one_that_does_not_exist_has_no_page(browser: Client, stores: Stores, kind: Kind) -> None:
    assert browser.get(kind.page("nobody")).status_code == 404
    assert browser.get(kind.page("nobody", "json")).status_code == 404


def test_adding_and_removing_need_their_permissions(
    browser: Client, stores: Stores, kind: Kind
) -> None:
    browser.post(kind.add, {"name": "sales"})
    bob = staff_with(f"change_{kind.model}")
    assert bob.get(kind.add).status_code == 403
    assert bob.post(kind.page("sales", "delete")).status_code == 403
    assert bob.get(kind.page("sales")).status_code == 200
    assert f"Add {kind.one}" not in bob.get(kind.list).content.decode()
