"""Changes of documents by people: saved, and written into the history."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from django.db import DatabaseError, transaction
from django.utils import timezone

from configstore.backends.base import JSONObject, Version
from configstore.backends.fallback import Written
from configstore.current import DocumentFaulty
from configstore.document import Document
from configstore.models import Revision
from configstore.store import ConfigStore
from runtime.database_errors import first_line

logger = logging.getLogger(__name__)


def save(
    store: ConfigStore,
    kind: type[Document],
    name: str,
    raw: JSONObject | None,
    *,
    expected: Version,
    author: str,
    action: str,
) -> Written:
    """Replace the document of that version; None removes it.

    Raises DocumentChanged if it is another version by now, ValidationError, StoreUnavailable if
    no store took it, ConfigurationUnknown.
    """
    before = _before(store, kind, name)
    written = store.save(kind, name, raw, expected)
    return _recorded(name, before, raw, written, author, action)


def update(
    store: ConfigStore,
    kind: type[Document],
    name: str,
    change: Callable[[JSONObject], JSONObject],
    *,
    author: str,
    action: str,
) -> Written:
    """Change the document whatever its version. `change` may be called several times; what it
    raises is passed on. Raises what save() raises."""
    steps: list[tuple[JSONObject, JSONObject]] = []

    def changed(raw: JSONObject) -> JSONObject:
        before = dict(raw)
        after = change(raw)
        steps.append((before, after))
        return after

    written = store.update(kind, name, changed)
    before, after = steps[-1]
    return _recorded(name, before, after, written, author, action)


def _before(store: ConfigStore, kind: type[Document], name: str) -> JSONObject | None:
    try:
        return store.current(kind, name).raw
    except DocumentFaulty:  # the history keeps documents, not what was none
        return None


def _recorded(
    name: str,
    before: JSONObject | None,
    after: JSONObject | None,
    written: Written,
    author: str,
    action: str,
) -> Written:
    try:
        with transaction.atomic():
            Revision.objects.create(
                document=name,
                saved_at=timezone.now(),
                author=author,
                action=action,
                before=before,
                after=after,
                stores=", ".join(written.taken),
                missed=", ".join(written.missed),
            )
    except DatabaseError as exc:
        # The document is saved and in force: that must not be told as a failure. A traceback
        # would quote it.
        where = name, author
        logger.error("The change of %s by %s is not in the history: %s", *where, first_line(exc))
        return replace(written, in_history=False)
    return written
