"""The documents: which stores they come from, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.utils.translation import gettext as _

from configstore.declared import config_store
from configstore.document import Document
from configstore.documents import KINDS, MagicLinkTokens, document_of
from configstore.naming import SEVERAL, names_of
from configstore.store import ConfigStore, ConfigurationUnknown
from configstore.store_check import check_stores
from configstore.wording import store_names, translated
from render_signal.doctor.finding import Finding, green, red, sentence, yellow


def documents(store: ConfigStore) -> Iterator[tuple[type[Document], str]]:
    """All that there are, further ones too, as far as they are known."""
    for kind in KINDS:
        yield kind, kind.NAME
        if kind in SEVERAL:
            with suppress(ConfigurationUnknown):
                further = names_of(kind, store)[1:]
                yield from [(kind, document_of(kind, name)) for name in further]


def configuration() -> Iterator[Finding]:
    store = config_store()
    order = {"stores": store_names(backend.label for backend in store.chain.backends)}
    yield green(_("The stores are asked in this order: %(stores)s.") % order)
    yield from _stores(store)
    yield from _documents(store)


def _unknown(kind: type[Document], error: ConfigurationUnknown) -> Finding:
    """Pollers never read the links, so that no process has a last good copy for a start."""
    told = sentence(translated(str(error)))
    if kind is MagicLinkTokens:
        return yellow(told, _("Until the store is back nobody can log in by a magic link."))
    return red(told, _("Mend the stores or the document; nothing is relayed by it before."))


def _stores(store: ConfigStore) -> Iterator[Finding]:
    """Tried for real, the PHP API too."""
    for answer in check_stores(store.chain.backends):
        if answer.ok:
            yield green(answer.sentence)
            continue
        yield yellow(
            answer.sentence,
            _("Mend it; until then the other stores and the last good documents are used."),
        )


def _documents(store: ConfigStore) -> Iterator[Finding]:
    sources: set[str] = set()
    count = faulty = 0
    for kind, name in documents(store):
        count += 1
        try:
            current = store.current(kind, name)
        except ConfigurationUnknown as exc:
            faulty += 1
            yield _unknown(kind, exc)
            continue
        sources.add(current.source)
        if current.fault:
            faulty += 1
            yield yellow(
                _("%(fault)s; the last good one is in force.")
                % {"fault": translated(current.fault)},
                _("Repair the document in the admin."),
            )
    if not faulty:
        facts = {"count": count, "stores": store_names(sorted(sources))}
        yield green(_("%(count)d documents are in force, from: %(stores)s.") % facts)
