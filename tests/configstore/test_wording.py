"""Sentences that are made in English and shown in the reader's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from pydantic import ValidationError

from configstore import wording
from configstore.backends.base import DocumentCorrupt
from configstore.backends.json_text import decode
from configstore.document import describe
from configstore.documents import PollingConfig, ProcessingPrefs, WebhookConfig
from configstore.wording import SENTENCES, store_names, translated
from tests.sources import sources

FOREIGN = SENTENCES.index("Expecting value")
"""From here on they are those of json and pydantic."""
THROWN = {
    "ConfigurationUnknown",
    "DocumentCorrupt",
    "DocumentFaulty",
    "NotImportable",
    "SecretUnreadable",
    "StoreUnavailable",
    "UnknownName",
}


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


def literal(node: ast.expr) -> str | None:
    """Its text, with x for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(value) or "x" for value in node.values)
    return None


def code() -> Iterator[ast.AST]:
    for source in sources("configstore", "polling", "webhooks", "render_signal"):
        if not source.name.endswith("wording.py"):
            yield from ast.walk(source.tree)


def test_each_sentence_is_one_of_the_code() -> None:
    said = {text for node in code() if isinstance(node, ast.expr) and (text := literal(node))}
    said |= {text.removeprefix("x: ") for text in said}
    unsaid = [
        message
        for pattern, message in wording._patterns()[:FOREIGN]
        if not any(map(pattern.fullmatch, said))
    ]
    assert unsaid == []


def test_each_sentence_that_is_thrown_is_translated() -> None:
    thrown = {
        text
        for node in code()
        if isinstance(node, ast.Call) and ast.unparse(node.func) in THROWN and node.args
        if (text := literal(node.args[0])) and text.replace("x", "").strip(": ")
    }
    assert len(thrown) > 15
    assert [text for text in thrown if translated(text) == text] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "le texte n’est pas du JSON : valeur attendue, ligne 1, colonne 1"),
        ('{"a" 1}', "séparateur « : » attendu, ligne 1, colonne 6"),
        ('{"a": 1 "b"}', "séparateur « , » attendu"),
        ("{a: 1}", "nom de propriété entre guillemets doubles attendu"),
        ("{} {}", "texte superflu"),
        ('{"a', "chaîne non terminée"),
        ('{"a": "\n"}', "caractère de contrôle interdit"),
        ('{"a": "\\x"}', "séquence d’échappement invalide"),
        ("[]", "contient une valeur de type list au lieu d’un objet JSON"),
        ('{"a": NaN}', "un nombre invalide"),
        ('{"a": "\\ud800"}', "un caractère incomplet"),
        ('{"a": "b\\u0000"}', "le caractère \\u0000, que les bases de données refusent"),
    ],
)
def test_what_is_no_json_is_told(text: str, told: str) -> None:
    with pytest.raises(DocumentCorrupt) as caught:
        decode(text, "the text")
    assert told in plain(translated(str(caught.value)))


@pytest.mark.parametrize(
    ("kind", "field", "value", "told"),
    [
        (WebhookConfig, "webhook_ssl_verify", "perhaps", "indiquez true ou false"),
        (WebhookConfig, "webhook_ssl_verify", [], "indiquez true ou false"),
        (WebhookConfig, "webhook_delivery_mode", "fax", "valeurs possibles : 'json' ou 'form'"),
        (WebhookConfig, "webhook_time_start", "25:00", "indiquez une heure sous la forme 09:30"),
        (WebhookConfig, "webhook_url", 5, "indiquez un texte"),
        (PollingConfig, "timezone", "Mars", "fuseau horaire inconnu ; exemple : Europe/Paris"),
        (PollingConfig, "imap_port", "x", "indiquez un nombre entier"),
        (PollingConfig, "imap_port", 1.5, "indiquez un nombre entier, sans décimales"),
        (PollingConfig, "imap_port", [], "indiquez un nombre entier"),
        (PollingConfig, "imap_port", 0, "la valeur doit être supérieure ou égale à 1"),
        (PollingConfig, "imap_port", 65536, "la valeur doit être inférieure ou égale à 65535"),
        (PollingConfig, "imap_folder", "", "nombre minimal de caractères : 1"),
        (PollingConfig, "active_days", 5, "indiquez une liste"),
        (PollingConfig, "vacation_start", "soon", "indiquez une date sous la forme AAAA-MM-JJ"),
        (PollingConfig, "vacation_start", [], "indiquez une date sous la forme AAAA-MM-JJ"),
        (ProcessingPrefs, "max_email_size_mb", 0, "la valeur doit être supérieure à 0"),
        (ProcessingPrefs, "sender_priority", 5, "indiquez un objet"),
    ],
)
def test_what_is_no_document_is_told(kind: Any, field: str, value: object, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate({field: value})
    sentence = plain(translated(describe(caught.value)))
    assert sentence.startswith(f"{field} : ")
    assert told in sentence


def test_faults_in_a_sentence_are_told_one_by_one() -> None:
    sentence = (
        "Redis holds a faulty polling_config: timezone: not a time zone; an example is "
        "Europe/Paris; active_days.0: Input should be a valid integer, and no good "
        "polling_config was read before"
    )
    assert plain(translated(sentence)) == (
        "Redis contient un document polling_config erroné : timezone : fuseau horaire inconnu ; "
        "exemple : Europe/Paris; active_days.0 : indiquez un nombre entier, et aucune version "
        "valide de polling_config n’a été lue auparavant"
    )


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("changed", "modifié"),
        ("added mailbox changed", "boîte mail changed ajoutée"),
        ("restored 2026-11-20 09:00:00 UTC", "version du 2026-11-20 09:00:00 UTC restaurée"),
        ("", ""),
        ("whatever somebody wrote", "whatever somebody wrote"),
    ],
)
def test_actions_are_told(action: str, told: str) -> None:
    assert translated(action) == told


def test_stores_are_told_as_they_are_and_as_the_history_keeps_them() -> None:
    assert store_names(("Redis", "file")) == store_names("Redis, file") == "Redis, fichier"
    assert store_names("") == ""


def test_in_english_all_stays_as_it_is() -> None:
    with translation.override("en"):
        for sentence in ("changed", "Redis holds a faulty a: b: not a time zone", "file"):
            assert translated(sentence) == sentence


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
