from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from configstore.document import Document, describe
from configstore.documents import MagicLinkTokens
from tests.configstore.any_document import KINDS, MARK, documents, json_objects


@given(documents)
def test_what_is_stored_is_read_back_the_same(document: Document) -> None:
    text = json.dumps(document.model_dump(mode="json"))
    assert type(document).model_validate(json.loads(text)) == document


@settings(max_examples=200)
@given(st.sampled_from(KINDS), json_objects)
def test_any_object_is_read_or_its_fault_is_named(
    kind: type[BaseModel], found: dict[str, Any]
) -> None:
    try:
        kind.model_validate(found)
    except ValidationError as exc:
        assert ": " in describe(exc)


@settings(max_examples=200)
@given(st.sampled_from(KINDS), json_objects)
def test_what_was_read_once_is_read_again(kind: type[BaseModel], found: dict[str, Any]) -> None:
    try:
        first = kind.model_validate(found).model_dump(mode="json")
    except ValidationError:
        return
    second = kind.model_validate(first).model_dump(mode="json")
    assert repr(second) == repr(first)  # repr: not-a-number is never equal to itself


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [MARK, [MARK], {"a": MARK}, f"{MARK}@x", f"https://{MARK}:x]/"])
def test_the_description_of_a_fault_never_contains_the_value(
    kind: type[BaseModel], shape: object
) -> None:
    names = ["some-id"] if kind is MagicLinkTokens else list(kind.model_fields)
    for name in names:
        try:
            kind.model_validate({name: shape})
        except ValidationError as exc:
            assert MARK not in describe(exc)
