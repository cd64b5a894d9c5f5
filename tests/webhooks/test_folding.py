"""What is folded looks the same to each database, whatever it knows of capitals."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.folding import folded


def is_settled(text: str) -> bool:
    once = folded(text)
    return folded(once) == once == once.casefold()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_nothing_is_left_to_fold(text: str) -> None:
    assert is_settled(text)


def test_no_character_leaves_anything_to_fold() -> None:
    assert [code for code in range(sys.maxunicode + 1) if not is_settled(chr(code))] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("𝐇𝐄𝐋𝐋𝐎", "hello"),
        ("Studio™", "studiotm"),
        ("№5", "no5"),
        ("d’Avril, d‘avril, dʼavril", "d'avril, d'avril, d'avril"),
        ("ŒUVRE d’été", "oeuvre d'ete"),
        ("\u0301", ""),
    ],
)
def test_words_are_those_that_a_keyboard_has(text: str, words: str) -> None:
    assert folded(text) == words
