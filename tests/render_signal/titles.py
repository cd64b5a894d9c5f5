"""The titles of pages that say what went wrong."""

from __future__ import annotations

from django.utils import translation


def said(sentence: str, language: str) -> str:
    with translation.override(language):
        return f"<h1>{translation.gettext(sentence)}</h1>"
