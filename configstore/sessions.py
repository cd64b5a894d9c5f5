"""Sessions in the cache, with a copy in the database. Either may be lost without logging anyone
out; what is in neither is logged out."""

from __future__ import annotations

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core.cache import BaseCache


class SessionStore(cached_db.SessionStore):
    _cache: BaseCache

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError:
            # The database was made anew, or somebody logged out meanwhile. Only a session that
            # nobody logged out is still in the cache: see delete().
            if self.cache_key not in self._cache:
                raise
            self._create_row()

    def delete(self, session_key: str | None = None) -> None:
        """The cache first: a row that is gone while the cache has the session was lost, not
        logged out."""
        key = session_key or self.session_key
        if key is not None:
            self._cache.delete(self.cache_key_prefix + key)
        super().delete(session_key)

    def _create_row(self) -> None:
        try:
            super().save(must_create=True)
        except CreateError:  # another request was faster
            super().save()
