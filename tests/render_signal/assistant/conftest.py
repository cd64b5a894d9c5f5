from __future__ import annotations

import pytest

from tests.configstore.admin.conftest import ada, browser, stores
from tests.configstore.admin.stores import Stores
from tests.polling.fake_mailbox import ACCOUNT

__all__ = ["ada", "browser", "stores"]
MAILBOX = {
    "imap_host": ACCOUNT.host,
    "imap_user": ACCOUNT.user,
    "imap_password": ACCOUNT.password,
}
URL = "https://hook.example/x"


@pytest.fixture
def described(stores: Stores) -> Stores:
    """A mailbox and an endpoint are described."""
    stores.redis.documents["polling_config"] = dict(MAILBOX)
    stores.redis.documents["webhook_config"] = {"webhook_url": URL}
    return stores
