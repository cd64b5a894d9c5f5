"""That tests run on the databases that they name."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.environment import ROOT
from tests.servers.alone import ALONE
from webhooks.models import Delivery

VENDORS = {"sqlite": "sqlite", "postgres": "postgresql"}


@pytest.mark.django_db
def test_a_test_of_one_thread_is_on_the_database_of_its_name(database: str) -> None:
    assert connection.vendor == VENDORS[database]
    assert not Delivery.objects.exists()


def test_a_test_of_threads_is_on_the_database_of_its_name(
    database: str, committed_database: str
) -> None:
    assert connection.vendor == VENDORS[database]
    assert committed_database.startswith(database)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", ALONE)
def test_what_runs_on_one_only_is_there(name: str) -> None:
    file, _, test = name.partition("::")
    assert (f"def {test}(" if test else "def test_") in (ROOT / file).read_text()
