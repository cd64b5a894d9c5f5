"""The French catalogue: complete, right, and compiled."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.test import Client
from django.utils import translation

from tests import messages

PLACE = re.compile(r"%(?:\(\w+\))?[sd]")
NARROW = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
# One word for one thing (docs/development.md): those that were not chosen.
DISCARDED = re.compile(
    r"\b(?:e-?mails?|courriels?|boîtes?(?! mail)|récepteurs?|clos|réglée?s?|essais?|sujets?"
    r"|(?<!lien de )(?<!liens de )livraisons?|identification|renouvellement|congés"
    r"|programme de lecture|dernière recherche|mots-clés exclus)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def french() -> Catalog:
    return messages.written()


def each(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def texts(message: Message) -> list[str]:
    said = message.string
    return [said] if isinstance(said, str) else list(said or ())


def test_all_that_is_marked_is_in_it_and_nothing_else(french: Catalog) -> None:
    marked = messages.keys(messages.messages())
    known = messages.keys(french)
    assert sorted(marked - known) == []
    assert sorted(known - marked) == []
    assert not french.obsolete


def test_messages_of_python_and_of_templates_are_found() -> None:
    marked = messages.keys(messages.messages())
    assert {
        ("", "every day"),  # gettext as _
        ("", "Give both times, or none."),  # gettext
        ("", "write a time as 09:30 or 9h30"),  # translatable
        ("", "%d delivery is queued."),  # ngettext
        ("column", "changed"),  # pgettext_lazy
        ("", "Press the button to log in."),  # translate
        ("", "Default: %(value)s"),  # blocktranslate
        ("link", "Until"),  # translate with a context
    } <= marked


def test_every_message_has_a_text_that_somebody_is_sure_of(french: Catalog) -> None:
    missing = [message.id for message in each(french) if not all(texts(message))]
    assert missing == []
    assert [message.id for message in each(french) if message.fuzzy] == []


def test_every_plural_is_complete(french: Catalog) -> None:
    plural = [message for message in each(french) if message.pluralizable]
    assert plural
    assert [m.id for m in plural if len(texts(m)) != french.num_plurals] == []


def test_every_text_has_the_places_of_its_message(french: Catalog) -> None:
    wrong = [
        (text, said)
        for message in each(french)
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        for said in texts(message)
        if sorted(PLACE.findall(text)) != sorted(PLACE.findall(said))
    ]
    assert wrong == []


def test_it_is_set_as_french_is(french: Catalog) -> None:
    """A space that does not break stands inside guillemets and before : ; ? !"""
    said = [text for message in each(french) for text in texts(message)]
    breaking = re.compile(r" [:;?!»]|« |\S«|»\w|[\"“”]")
    glued = re.compile(rf"[\w)][;?!](?:\s|$)|[\w)]:\s(?!{SPACE})")
    english = re.compile(r"\b[a-zA-ZÀ-ÿ]'[a-zA-ZÀ-ÿ]|\.\.\.")
    exempt = {"Re:", "nom: valeur", "x-make-apikey: valeur"}  # to be typed as they are
    wrong = [
        text
        for text in said
        for bare in [re.sub("|".join(exempt), "", text)]
        if breaking.search(bare) or glued.search(bare) or english.search(bare) or NARROW in bare
    ]
    assert wrong == []


def test_one_thing_has_one_word(french: Catalog) -> None:
    said = [text for message in each(french) for text in texts(message)]
    quoted = re.compile(r"«[^»]*»|Email Pro")  # names of others
    wrong = [text for text in said if DISCARDED.search(quoted.sub("", text))]
    assert wrong == []


def test_what_is_held_is_not_taken_for_what_is_selected(french: Catalog) -> None:
    wrong = [
        text
        for message in each(french)
        for text in texts(message)
        if re.search(r"\bretenue?s?\b", text, re.IGNORECASE)
        and not re.search(r"\b(?:held|holds?)\b", str(message.id), re.IGNORECASE)
    ]
    assert wrong == []


def test_the_relay_is_not_taken_for_the_poller(french: Catalog) -> None:
    wrong = [
        text
        for message in each(french)
        for text in texts(message)
        if re.search(r"\brelais\b", text) and "relay" not in str(message.id)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [messages.FRENCH, messages.FRENCH_OF_SCRIPTS])
def test_what_django_reads_is_what_is_written(path: Path) -> None:
    def content(catalog: Catalog) -> list[str]:
        return sorted(f"{each.context} {each.id} {each.string}" for each in catalog if each.id)

    assert content(messages.compiled(path)) == content(messages.recompiled(path))


@pytest.mark.django_db
def test_the_scripts_of_the_admin_find_what_is_said_anew(admin_client: Client) -> None:
    page = admin_client.get("/admin/jsi18n/", headers={"accept-language": "fr"})
    catalog = json.loads(page.content.decode().split("const newcatalog = ")[1].split(";\n")[0])
    scripts = messages.written(messages.FRENCH_OF_SCRIPTS)
    anew = {message.id: message.string for message in scripts if message.id}
    assert anew
    assert {english: catalog[english] for english in anew} == anew


def test_updating_it_changes_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(messages.FRENCH.read_bytes())
    messages.update(copy)
    assert copy.read_text() == messages.FRENCH.read_text()
    assert copy.with_suffix(".mo").read_bytes() == messages.FRENCH.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize(("language", "word"), [("fr", "Réglages"), ("en", "Settings")])
def test_django_finds_it(language: str, word: str) -> None:
    with translation.override(language):
        assert translation.gettext("Settings") == word
