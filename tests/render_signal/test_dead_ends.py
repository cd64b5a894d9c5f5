"""An address that leads nowhere, such as that of a mail that was pruned."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "There is no such page"), ("fr", "Cette page n’existe pas")],
)
@pytest.mark.parametrize("path", ["/nowhere", "/admin/polling/mail/4711/change/"])
def test_it_is_told_in_the_language_of_the_reader(
    admin_client: Client, path: str, language: str, sentence: str
) -> None:
    answer = admin_client.get(path, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"<h1>{sentence}</h1>" in page
    assert 'href="/admin/"' in page


def test_a_stranger_is_told_so_too(client: Client) -> None:
    assert "There is no such page" in client.get("/nowhere").content.decode()
