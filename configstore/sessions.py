"""Sessions in the cache, with a copy in the database. Either may be lost without logging anyone
out; what is in neither is logged out.

A logout leaves a note in the database: the cache may have been away, or read-only, when it was to
forget the session, and a Redis that fails over or starts again may remember it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.core.cache import BaseCache

# Before the key of a session: the key of the row that says that it is over.
OVER = "over:"


class SessionStore(cached_db.SessionStore):
    _cache: BaseCache

    def load(self) -> dict[str, Any]:
        found: dict[str, Any] = super().load()
        if found and self._is_over():
            self._cache.delete(self.cache_key)
            self._session_key = None
            return {}
        return found

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError:
            # The database was made anew, or somebody logged out meanwhile.
            if self._is_over() or self.cache_key not in self._cache:
                raise
            self._create_row()

    def delete(self, session_key: str | None = None) -> None:
        """The note first: a row that is gone without one was lost, not logged out."""
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.get_or_create(
                session_key=OVER + key,
                defaults={"session_data": "", "expire_date": self.get_expiry_date()},
            )
        super().delete(session_key)

    def _validate_session_key(self, key: str | None) -> bool:
        """Nobody names a note in a cookie, and removes it by one more logout."""
        is_note = str(key).startswith(OVER)
        return not is_note and super()._validate_session_key(key)  # type: ignore[misc]  # no stub

    def _is_over(self) -> bool:
        return self.model.objects.filter(session_key=f"{OVER}{self.session_key}").exists()

    def _create_row(self) -> None:
        try:
            super().save(must_create=True)
        except CreateError:  # another request was faster
            super().save()
