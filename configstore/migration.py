"""Moves documents from elsewhere into the stores, one by one, and says what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils import timezone
from pydantic import ValidationError

from configstore import editing
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.backends.json_text import encode, version_of
from configstore.backups import keep_backup
from configstore.current import Current
from configstore.differences import differences
from configstore.document import Document, describe
from configstore.documents import KINDS, kind_of
from configstore.merging import merged, with_names
from configstore.naming import SEVERAL, UnknownName, checked_kind, further_name
from configstore.readback import REDIS, RedisRequired, required_redis, store_named, unlike
from configstore.secrets import SecretUnreadable
from configstore.sources import Source, SourceFault
from configstore.store import ConfigStore, ConfigurationUnknown

AUTHOR = "migrate_configs"
MOST_FIELDS = 8


@dataclass(frozen=True, kw_only=True)
class Options:
    dry_run: bool = False
    verify: bool = False
    require_redis: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one document. good: nothing remains to be done. stored: it is in force now, though
    perhaps not in each store. details are differences. Nothing here is secret."""

    name: str
    text: str
    good: bool = False
    stored: bool = False
    absent: bool = False
    details: tuple[str, ...] = ()


class NotMoved(Exception):
    """The document stays in the stores as it is."""


class Migration:
    """Moves documents of a source. A document that cannot be moved hinders no other."""

    def __init__(self, store: ConfigStore, source: Source, backups: Path, options: Options) -> None:
        self._store = store
        self._source = source
        self._backups = backups
        self._options = options

    def run(self, only: Sequence[str] = ()) -> list[Outcome]:
        """Raises RedisRequired; nothing has been written then."""
        if self._options.require_redis:
            required_redis(self._store.chain, KINDS[0].NAME)
        outcomes: list[Outcome] = []
        for name in self._source.names():
            if not only or name in only:
                outcomes.append(self._move(name, outcomes))
        for kind in SEVERAL:
            further = _further(kind, outcomes)
            if further and not any(each.name == kind.NAME and each.stored for each in outcomes):
                outcomes.append(self._bring(kind.NAME, {kind.FURTHER: further}, self._source.title))
        return outcomes

    def _move(self, name: str, before: Sequence[Outcome]) -> Outcome:
        """A further document is in force only if the default one of its kind lists it."""
        try:
            found = self._source.read(name)
        except SourceFault as exc:
            return Outcome(name=name, text=f"NOT moved: {exc}")
        if found.document is None:
            return Outcome(name=name, text=f"not there ({found.where})", absent=True)
        incoming = found.document
        kind = kind_of(name)
        if kind in SEVERAL and name == kind.NAME and (further := _further(kind, before)):
            listed = incoming.get(kind.FURTHER) or further
            incoming = incoming | {kind.FURTHER: with_names(kind, further, listed)}
        return self._bring(name, incoming, found.where)

    def _bring(self, name: str, incoming: JSONObject, where: str) -> Outcome:
        try:
            return self._brought(checked_kind(name), name, incoming)
        except (NotMoved, UnknownName, ConfigurationUnknown, RedisRequired) as exc:
            problem = str(exc)
        except SecretUnreadable as exc:
            problem = f"{where}: {exc}"
        except ValidationError as exc:
            problem = f"{where}: {describe(exc)}"
        except RecursionError:
            problem = f"{where} is nested too deeply"
        return Outcome(name=name, text=f"NOT moved: {problem}")

    def _brought(self, kind: type[Document], name: str, incoming: JSONObject) -> Outcome:
        if self._options.require_redis:
            required_redis(self._store.chain, name)
        current = self._store.current(kind, name)
        default = self._store.default(kind, name)
        kind.model_validate({**default, **(current.raw or {}), **incoming})  # encrypted, all passes
        document = merged(kind, current.raw, incoming)
        kind.model_validate({**default, **document})
        there = self._stores_in_force(current)
        if self._is_stored(name, current, document):
            outcome = _compared(name, "unchanged", current)
        elif self._options.dry_run:
            outcome = _promised(name, current, document)
        else:
            outcome, there = self._write(kind, name, document, current)
        return self._verified(outcome, kind, incoming, there)

    def _is_stored(self, name: str, current: Current[Document], document: JSONObject) -> bool:
        """Also in each store that outranks the one that answered, and in Redis if that is
        required: where it was moved from may itself be one of the stores."""
        if current.fault or current.raw is None:
            return False
        if version_of(current.raw) != version_of(document):
            return False
        labels = self._store.chain.labels()
        above = labels[: labels.index(current.source)] if current.source in labels else ()
        if set(above) - set(current.passed_over):
            return False
        redis = store_named(self._store.chain, REDIS) if self._options.require_redis else None
        return redis is None or not unlike(redis, type(current.document), name, document)

    def _write(
        self, kind: type[Document], name: str, document: JSONObject, current: Current[Document]
    ) -> tuple[Outcome, tuple[str, ...]]:
        changes = differences(current.raw, document)
        backup = self._back_up(name, current) if changes or current.fault else None
        try:
            written = editing.save(
                self._store,
                kind,
                name,
                document,
                expected=current.version,
                author=AUTHOR,
                action="migrated",
            )
        except DocumentChanged:
            raise NotMoved("somebody changed it at the same moment; run this again") from None
        except StoreUnavailable as exc:
            raise NotMoved(str(exc)) from exc
        text = f"saved in {', '.join(written.taken)}"
        if written.missed:
            text += f", NOT in {', '.join(written.missed)} (brought there when it answers again)"
        if changes:
            text += f": {_listed([change.field for change in changes])}"
        if backup:
            text += f". What was there: {backup}"
        return Outcome(name=name, text=text, good=not written.missed, stored=True), written.taken

    def _back_up(self, name: str, current: Current[Document]) -> Path | None:
        if current.fault:
            content = current.text.encode("utf-8", "backslashreplace")
        elif current.raw is not None:
            content = encode(current.raw, indent=2)
        else:
            return None
        try:
            return keep_backup(self._backups, name, content, timezone.now())
        except OSError as exc:
            raise NotMoved(f"no backup can be kept in {self._backups}: {exc.strerror}") from exc

    def _stores_in_force(self, current: Current[Document]) -> tuple[str, ...]:
        labels = self._store.chain.labels()
        return (current.source,) if current.source in labels else labels[:1]

    def _verified(
        self,
        outcome: Outcome,
        kind: type[Document],
        incoming: JSONObject,
        labels: Iterable[str],
    ) -> Outcome:
        if not self._options.verify:
            return outcome
        asked = dict.fromkeys([*labels, *([REDIS] if self._options.require_redis else [])])
        stores = [store for store in self._store.chain.backends if store.label in asked]
        wrong = [line for store in stores for line in unlike(store, kind, outcome.name, incoming)]
        if wrong:
            details = (*outcome.details, *wrong)
            text = f"{outcome.text} — NOT verified"
            return replace(outcome, text=text, good=False, details=details)
        return replace(outcome, text=f"{outcome.text} — verified in {', '.join(asked)}")


def _further(kind: type[Document], outcomes: Iterable[Outcome]) -> list[str]:
    """The further ones of this kind whose documents are stored."""
    names = [each.name for each in outcomes if each.stored and kind_of(each.name) is kind]
    return [further for name in names if (further := further_name(name))]


def _listed(fields: list[str]) -> str:
    more = len(fields) - MOST_FIELDS
    return ", ".join(fields[:MOST_FIELDS]) + (f" and {more} more" if more > 0 else "")


def _promised(name: str, current: Current[Document], document: JSONObject) -> Outcome:
    changes = tuple(str(change) for change in differences(current.raw, document))
    text = "would be new" if current.raw is None else "would change"
    return replace(_compared(name, text, current), details=changes)


def _compared(name: str, text: str, current: Current[Document]) -> Outcome:
    away = dict.fromkeys([*current.passed_over, *current.missed])
    if away:
        text += f", but {', '.join(away)} cannot be reached"
    return Outcome(name=name, text=text, good=not away, stored=True)
