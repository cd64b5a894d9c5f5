"""Documents as one JSON text, to be kept elsewhere or to be brought in.

The text is an object with a document under each name. Secrets are in it as they are stored:
encrypted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from configstore.backends.base import DocumentCorrupt, JSONObject
from configstore.backends.json_text import decode, encode
from configstore.document import faults
from configstore.merging import sealed
from configstore.naming import UnknownName, checked_kind
from configstore.secrets import SecretUnreadable
from configstore.store import ConfigStore, ConfigurationUnknown

WHERE = "the text"


class NotImportable(Exception):
    """Nothing of the text may be imported. problems has a line for each fault in it: line and
    column, or document and field; never a value."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def export(store: ConfigStore, names: Iterable[str]) -> bytes:
    """The documents of these names that are stored.

    Raises UnknownName, and ConfigurationUnknown also for a faulty one: what is in force in its
    place is not what is stored.
    """
    documents: JSONObject = {}
    for name in names:
        current = store.current(checked_kind(name), name)
        if current.fault:
            raise ConfigurationUnknown(current.fault)
        if current.raw is not None:
            documents[name] = current.raw
    return encode(documents, indent=2) + b"\n"


def parse(text: str | bytes, name: str = "") -> dict[str, JSONObject]:
    """The documents in a text, by name, all of them valid and with their secrets encrypted.

    With a name, that document alone is taken from the text, which may also be nothing but that
    document. Raises NotImportable.
    """
    documents = _documents(text, name)
    problems = [line for each, document in documents.items() for line in _problems(each, document)]
    if problems:
        raise NotImportable(*problems)
    return {each: sealed(checked_kind(each), document) for each, document in documents.items()}


def _documents(text: str | bytes, name: str) -> JSONObject:
    try:
        content = decode(text.removeprefix("\ufeff") if isinstance(text, str) else text, WHERE)
    except DocumentCorrupt as exc:
        raise NotImportable(str(exc)) from None
    if not name:
        if not content:
            raise NotImportable(f"{WHERE} holds no document")
        return content
    if name in content:
        return {name: content[name]}
    if content and all(map(_is_known, content)):
        raise NotImportable(f"{WHERE} holds {', '.join(content)}, and not {name}")
    return {name: content}


def _problems(name: str, document: object) -> Iterator[str]:
    try:
        kind = checked_kind(name)
    except UnknownName as exc:
        yield str(exc)
        return
    if not isinstance(document, dict):
        yield f"{name}: not a JSON object"
        return
    try:
        kind.model_validate(document)
        sealed(kind, document)
    except ValidationError as exc:
        yield from (f"{name}: {field or 'document'}: {what}" for field, what in faults(exc))
    except SecretUnreadable as exc:
        yield f"{name}: {exc}"


def _is_known(name: str) -> bool:
    try:
        checked_kind(name)
    except UnknownName:
        return False
    return True
