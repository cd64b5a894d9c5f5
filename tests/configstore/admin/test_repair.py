"""Documents that somebody wrote by hand, wrongly."""

from __future__ import annotations

import pytest
from django.test import Client

from configstore.documents import WebhookConfig
from tests.configstore.admin.html_form import filled
from tests.configstore.admin.staff import staff_with
from tests.configstore.admin.stores import PAGES, Stores
from tests.configstore.refusal import refuse_revisions

pytestmark = pytest.mark.django_db
WEBHOOK = PAGES[WebhookConfig.NAME]
JSON = WEBHOOK.replace("change", "json")
NAME = "webhook_config"


@pytest.fixture
def faulty(stores: Stores) -> Stores:
    """A good document was in force when somebody wrote one of the wrong kind."""
    stores.redis.documents[NAME] = {"webhook_url": "https://good.example/x"}
    stores.store.get(WebhookConfig)
    stores.redis.documents[NAME] = {"webhook_url": 5, "theirs": "kept"}
    return stores


def test_the_page_leads_to_the_text_and_names_store_document_and_field(
    browser: Client, faulty: Stores
) -> None:
    page = browser.get(WEBHOOK, follow=True).content.decode()
    assert "Redis holds a faulty webhook_config: webhook_url" in page
    assert "&quot;theirs&quot;: &quot;kept&quot;" in page


def test_the_last_good_document_stays_in_force_meanwhile(browser: Client, faulty: Stores) -> None:
    browser.get(WEBHOOK)
    assert faulty.store.get(WebhookConfig).webhook_url == "https://good.example/x"


def test_the_repaired_text_is_stored_and_in_force(browser: Client, faulty: Stores) -> None:
    text = '{"webhook_url": "https://new.example/x", "theirs": "kept"}'
    done = browser.post(JSON, filled(browser.get(JSON), text=text), follow=True)
    assert "new.example" in done.content.decode()
    assert faulty[NAME] == {"webhook_url": "https://new.example/x", "theirs": "kept"}
    assert faulty.store.fault(NAME) == ""


def test_a_save_that_the_history_misses_is_told(browser: Client, faulty: Stores) -> None:
    refuse_revisions()
    text = '{"webhook_url": "https://new.example/x"}'
    done = browser.post(JSON, filled(browser.get(JSON), text=text), follow=True)
    assert "could not be written into the history" in done.content.decode()
    assert faulty[NAME] == {"webhook_url": "https://new.example/x"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"webhook_url": ', "line 1, column 17"),
        ("[]", "not a JSON object"),
        ('{"webhook_url": 5}', "webhook_url: "),
        ('{"note": "a\\u0000b"}', "contains the character \\u0000"),
        ('{"webhook_delivery_mode": "fax"}', "webhook_delivery_mode: "),
    ],
)
def test_a_text_that_is_still_wrong_is_not_stored(
    browser: Client, faulty: Stores, text: str, fault: str
) -> None:
    refused = browser.post(JSON, filled(browser.get(JSON), text=text))
    assert fault in refused.content.decode()
    assert faulty[NAME] == {"webhook_url": 5, "theirs": "kept"}


def test_text_that_is_no_json_is_shown_as_it_is(browser: Client, stores: Stores) -> None:
    stores.store.get(WebhookConfig)
    stores.redis.corrupt, stores.redis.corrupt_text = "Redis key x is not JSON", '{"half": '
    page = browser.get(WEBHOOK, follow=True).content.decode()
    assert "Redis key x is not JSON" in page
    assert "{&quot;half&quot;: " in page


def test_the_first_page_points_to_it(browser: Client, faulty: Stores) -> None:
    assert "Redis holds a faulty webhook_config" in browser.get("/admin/").content.decode()


def test_who_may_only_look_sees_what_is_wrong(faulty: Stores) -> None:
    page = staff_with("view_webhook").get(WEBHOOK).content.decode()
    assert "Redis holds a faulty webhook_config" in page
    assert "The last good settings stay in force" in page


def test_a_field_can_be_taken_out(browser: Client, stores: Stores) -> None:
    stores.redis.documents[NAME] = {"webhook_url": "https://a.example/x", "old": 1}
    browser.post(JSON, filled(browser.get(JSON), text='{"old": 1}'))
    assert stores[NAME] == {"old": 1}
    assert stores.store.get(WebhookConfig).webhook_url is None


def test_a_faulty_document_is_repaired_where_no_good_one_is_remembered(
    browser: Client, stores: Stores
) -> None:
    stores.redis.documents[NAME] = {"webhook_url": 5}
    page = browser.get(WEBHOOK, follow=True)
    assert "Redis holds a faulty webhook_config: webhook_url" in page.content.decode()
    assert "&quot;webhook_url&quot;: 5" in page.content.decode()
    browser.post(JSON, filled(page, text='{"webhook_url": "https://a.example/x"}'))
    assert stores[NAME] == {"webhook_url": "https://a.example/x"}
