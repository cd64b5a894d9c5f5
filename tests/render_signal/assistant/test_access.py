"""Who may use the assistant, and who is offered it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import Stores
from tests.render_signal.assistant.steps import STEPS, text

pytestmark = pytest.mark.django_db
PERMISSIONS = ("change_mailbox", "change_webhook", "change_processing")
every_page = pytest.mark.parametrize(
    "name", ["assistant", "assistant_progress", *(f"assistant_{step}" for step in STEPS)]
)
every_step = pytest.mark.parametrize("step", STEPS)


@every_page
def test_nobody_gets_in_without_the_permission_to_change_all_of_it(
    stores: Stores, name: str
) -> None:
    address = reverse(name)
    assert "/login/" in Client().get(address)["Location"]
    assert staff_with(*PERMISSIONS[:2]).get(address).status_code == 403


@every_step
def test_who_may_change_the_documents_may_use_it(stores: Stores, step: str) -> None:
    assert staff_with(*PERMISSIONS).get(reverse(f"assistant_{step}")).status_code == 200


@every_step
def test_a_form_of_another_site_is_refused(browser: Client, ada: Any, step: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(reverse(f"assistant_{step}")).status_code == 403


@every_step
def test_a_strict_policy_for_its_content_would_hold(
    browser: Client, described: Stores, step: str
) -> None:
    page = browser.get(reverse(f"assistant_{step}")).content.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []
    scripts = re.findall(r"<script([^>]*)>", page)
    assert [each for each in scripts if "src=" not in each] == []


def test_it_begins_at_the_first_step_that_is_not_done(browser: Client, described: Stores) -> None:
    assert browser.get(reverse("assistant"))["Location"] == reverse("assistant_senders")


def test_it_is_offered_while_something_is_missing(browser: Client, stores: Stores) -> None:
    assert "Let us set it up" in text(browser.get("/admin/"))
    assert "Let us set it up" not in text(staff_with("change_mailbox").get("/admin/"))


def test_it_is_not_offered_any_more_and_can_still_be_found(
    browser: Client, described: Stores
) -> None:
    page = browser.get("/admin/")
    assert "Let us set it up" not in text(page)
    assert f'href="{reverse("assistant")}"' in page.content.decode()
