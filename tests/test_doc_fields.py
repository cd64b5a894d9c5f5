"""What the documentation says of the fields of documents is what their models know."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel

from configstore.document import Document
from configstore.documents import (
    KINDS,
    MagicLinkToken,
    MagicLinkTokens,
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
)
from configstore.rules import Condition, Rule
from render_signal.config_defaults import FIELDS, WINNING
from tests.doc_pages import DOCS, read, rows, section

NAME = re.compile(r"`([A-Za-z_0-9]+)`")
# Filled by settings of their own, and so in neither table of the code.
CREDENTIALS = {
    "IMAP_PORT": "imap_port",
    "IMAP_USE_SSL": "imap_security",
    "EMAIL_ADDRESS": "imap_user",
    "EMAIL_PASSWORD": "imap_password",
    "EMAIL_OAUTH_CLIENT_ID": "oauth_client_id",
    "EMAIL_OAUTH_CLIENT_SECRET": "oauth_client_secret",
    "EMAIL_OAUTH_REFRESH_TOKEN": "oauth_refresh_token",
    "EMAIL_OAUTH_SCOPE": "oauth_scope",
}
WITH_VARIABLES = (PollingConfig, WebhookConfig, ProcessingPrefs)
TABLES: list[tuple[str, str, type[BaseModel]]] = [
    *((kind.NAME, "field", kind) for kind in WITH_VARIABLES),
    (RoutingRules.NAME, "field of a rule", Rule),
    (RoutingRules.NAME, "field of a condition", Condition),
    (MagicLinkTokens.NAME, "field of a link", MagicLinkToken),
]
each_table = pytest.mark.parametrize(("document", "first", "model"), TABLES)


def table(document: str, first: str) -> list[list[str]]:
    return rows(section(read(DOCS / "configuration.md"), f"### `{document}`"), first)


def shown(model: type[BaseModel], name: str) -> str:
    """The default as the page writes it."""
    field = model.model_fields[name]
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple) and value:
        return ", ".join(map(str, value))
    return "none" if value in (None, (), {}) else str(value)


def test_each_document_has_a_table() -> None:
    assert {document for document, _, _ in TABLES} == {kind.NAME for kind in KINDS}


@each_table
def test_each_field_is_described_and_no_other(
    document: str, first: str, model: type[BaseModel]
) -> None:
    described = [name for cells in table(document, first) for name in NAME.findall(cells[0])]
    assert sorted(described) == sorted(model.model_fields)


@each_table
def test_each_default_is_that_of_the_code(
    document: str, first: str, model: type[BaseModel]
) -> None:
    wrong = []
    for cells in table(document, first):
        names, told = NAME.findall(cells[0]), cells[-1].partition(":")[0]
        defaults = [shown(model, name) for name in names]
        if told not in (", ".join(defaults), defaults[0] if len({*defaults}) == 1 else ""):
            wrong.append((names, told, defaults))
    assert wrong == []


@pytest.mark.parametrize("kind", WITH_VARIABLES)
def test_each_field_names_its_variable(kind: type[Document]) -> None:
    expected = {
        variable: field.name
        for variable, field in (FIELDS | WINNING).items()
        if field.document is kind
    } | (CREDENTIALS if kind is PollingConfig else {})
    named = {
        variable: field
        for cells in table(kind.NAME, "field")
        for field, variable in zip(NAME.findall(cells[0]), NAME.findall(cells[1]), strict=False)
    }
    assert named == expected
