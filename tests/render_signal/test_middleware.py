from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from configstore.models import Revision
from tests.configstore.admin.conftest import stores as stores  # the fixture
from tests.configstore.admin.stores import Stores

pytestmark = pytest.mark.django_db


def test_times_are_shown_in_the_time_zone_of_the_settings(stores: Stores, admin_user: User) -> None:
    stores.redis.documents["polling_config"] = {"timezone": "Asia/Tokyo"}
    revision = Revision.objects.create(
        document="webhook_config",
        saved_at=datetime(2026, 11, 24, 20, 15, tzinfo=UTC),
        author="ada",
        action="changed",
        stores="Redis",
    )
    browser = Client(headers={"accept-language": "fr"})
    browser.force_login(admin_user)
    page = browser.get(f"/admin/configstore/revision/{revision.pk}/change/").content.decode()
    assert "25 novembre 2026 05:15" in page


def test_pages_work_while_the_settings_are_unknown(stores: Stores, admin_user: User) -> None:
    stores.redis.away = stores.file.away = True
    browser = Client()
    browser.force_login(admin_user)
    assert browser.get("/admin/").status_code == 200
