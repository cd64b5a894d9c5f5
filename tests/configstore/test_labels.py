"""Sentences for people name a field as its page does."""

from __future__ import annotations

import pytest
from django.utils import translation

from configstore.labels import by_label
from configstore.wording import field_error, translated
from polling.wording import SENTENCES as OF_POLLING
from webhooks.wording import SENTENCES as OF_WEBHOOKS


def test_a_field_is_named_by_its_label() -> None:
    assert by_label("Check imap_host.") == "Check “Server”."
    with translation.override("fr"):
        assert by_label("Vérifiez imap_host.") == "Vérifiez «\u00a0Serveur\u00a0»."


@pytest.mark.parametrize("text", ["my_imap_host", "polling_config.imap_host", "user", "imap_hosts"])
def test_what_is_no_field_stays_as_it_is(text: str) -> None:
    assert by_label(text) == text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sentence_of_a_page_names_a_field_as_it_is_stored(language: str) -> None:
    with translation.override(language):
        for sentence in (*OF_POLLING, *OF_WEBHOOKS):
            told = translated(sentence)
            assert told == by_label(told)


def test_an_error_of_a_field_is_a_sentence_of_its_own() -> None:
    told = field_error("vacation_end is before vacation_start")
    assert told == "“Vacation until” is before “Vacation from”"


def test_a_fault_of_a_document_keeps_the_name_that_is_in_it() -> None:
    assert "imap_port: " in translated("Redis holds a faulty polling_config: imap_port: x")
