"""Where documents can be moved from: a folder of JSON files, or the PHP API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from configstore.backends.base import ConfigBackend, DocumentCorrupt, JSONObject, StoreUnavailable
from configstore.backends.json_text import decode
from configstore.document import Document
from configstore.documents import (
    MagicLinkTokens,
    PollingConfig,
    ProcessingPrefs,
    RoutingRules,
    WebhookConfig,
    document_of,
)
from configstore.merging import listed_names
from configstore.naming import SEVERAL, further_name

NAMES = tuple(
    kind.NAME
    for kind in (PollingConfig, ProcessingPrefs, WebhookConfig, RoutingRules, MagicLinkTokens)
)
FORMER_LINKS = "magic_links.json"


class SourceFault(Exception):
    """There may be a document, but it cannot be taken. Says where and why, without values."""


@dataclass(frozen=True)
class Found:
    """document None: there is none at that place."""

    where: str
    document: JSONObject | None


class Source(Protocol):
    @property
    def title(self) -> str: ...

    def names(self) -> tuple[str, ...]:
        """The documents to look for, further ones first."""

    def read(self, name: str) -> Found:
        """Raises SourceFault."""

    def remarks(self) -> Iterable[str]:
        """What looks like a document and is not taken."""


@dataclass(frozen=True)
class Folder:
    """NAME.json for each document, also as the file store names them: polling_config:NAME.json.

    The former application called its links magic_links.json or magic_link_tokens.json.
    polling_config_NAME.json is taken only for a name in `asked`: mostly such a file is an old
    copy, and a second mailbox made of it would relay each mail twice.
    """

    path: Path
    asked: frozenset[str] = field(default_factory=frozenset)
    links_elsewhere: Path | None = None

    @property
    def title(self) -> str:
        return str(self.path)

    def names(self) -> tuple[str, ...]:
        further = {path.stem for kind in SEVERAL for path in self.path.glob(f"{kind.NAME}:*.json")}
        further |= {name for name in self.asked if further_name(name)}
        return (*sorted(further), *NAMES)

    def read(self, name: str) -> Found:
        paths = self._paths(name)
        for path in paths:
            try:
                return Found(str(path), decode(path.read_bytes(), str(path)))
            except FileNotFoundError:
                continue
            except OSError as exc:
                raise SourceFault(f"{path} cannot be read: {exc.strerror}") from exc
            except DocumentCorrupt as exc:
                raise SourceFault(str(exc)) from None
        return Found(str(paths[0]), None)

    def remarks(self) -> Iterator[str]:
        for kind in SEVERAL:
            yield from self._copies(kind)
        links = [path for path in self._paths(MagicLinkTokens.NAME) if path.exists()]
        yield from (f"{path} is not taken, {links[0]} is" for path in links[1:])

    def _copies(self, kind: type[Document]) -> Iterator[str]:
        for path in sorted(self.path.glob(f"{kind.NAME}_*.json")):
            name = f"{kind.NAME}:{path.stem.removeprefix(kind.NAME)[1:]}"
            if name not in self.asked:
                yield (
                    f"{path.name} is not taken. If it is one of your {kind.FURTHER}: "
                    f"--only {name}, or rename it to {name}.json"
                )

    def _paths(self, name: str) -> list[Path]:
        paths = [self.path / f"{name}.json"]
        if name == MagicLinkTokens.NAME:
            paths += [self.path / FORMER_LINKS]
            paths += [self.links_elsewhere] if self.links_elsewhere else []
        if name in self.asked and further_name(name):
            paths += [self.path / f"{name.replace(':', '_')}.json"]
        return paths


@dataclass(frozen=True)
class Api:
    """The PHP API: the documents that it holds, and the further ones that they list."""

    backend: ConfigBackend

    @property
    def title(self) -> str:
        return f"the {self.backend.label} API"

    def names(self) -> tuple[str, ...]:
        return (*(name for kind in SEVERAL for name in self._further(kind)), *NAMES)

    def read(self, name: str) -> Found:
        try:
            return Found(self.title, self.backend.read(name))
        except StoreUnavailable as exc:
            raise SourceFault(f"{self.title} cannot be reached: {exc}") from exc
        except DocumentCorrupt as exc:
            raise SourceFault(str(exc)) from None

    def remarks(self) -> tuple[str, ...]:
        return ()

    def _further(self, kind: type[Document]) -> list[str]:
        try:
            listed = listed_names(kind, self.read(kind.NAME).document)
        except SourceFault:  # said when the document's own turn comes
            return []
        return [document_of(kind, name) for name in listed]
