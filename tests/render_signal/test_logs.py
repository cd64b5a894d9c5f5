"""What the log of the web process is spared."""

from __future__ import annotations

import logging

import pytest
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.test import Client

from polling.models import MailboxState


def failing() -> None:
    raise DatabaseError


@pytest.mark.usefixtures("committed_database")
@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_that_the_service_fails_is_an_answer_and_no_error(
    path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MailboxState.objects, "exists", failing)

    assert Client().get(path).status_code == 503
    assert [record for record in caplog.records if record.name == "django.request"] == []


def test_a_browser_that_asks_for_an_icon_is_shown_the_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = Client().get("/favicon.ico")

    assert (answer.status_code, answer["Location"]) == (302, "/static/configstore/icon.svg")
    assert finders.find("configstore/icon.svg")
    assert caplog.records == []


def test_a_wrong_host_is_told_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))

    assert Client(headers={"host": "wrong.example"}).get("/").status_code == 400
    assert "You may need to add 'wrong.example' to ALLOWED_HOSTS" in caplog.text
    assert "Traceback" not in caplog.text
