"""At most so many failed tries for each client address, and for each user name, in any quarter of
an hour."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
import unicodedata
from dataclasses import dataclass

from django.core.cache import BaseCache, caches
from django.utils.translation import ngettext

from configstore.client_address import UNKNOWN_ADDRESS

LIMIT = 10
# Whoever has many addresses tries one name from all of them. High, lest a stranger locks its owner
# out with little trouble.
USER_LIMIT = 100
WINDOW_SECONDS = 15 * 60


class TooManyTries(Exception):
    """No try was made. The next one may be in that many seconds."""

    def __init__(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        super().__init__(
            ngettext(
                "Too many failed tries. Wait %(minutes)d minute, then try again.",
                "Too many failed tries. Wait %(minutes)d minutes, then try again.",
                minutes,
            )
            % {"minutes": minutes}
        )
        self.seconds = seconds


class _CacheAway(Exception):
    pass


@dataclass(frozen=True)
class Try:
    """Counts as failed from its beginning, so that a hundred at once are no way around the
    limit."""

    _cache: BaseCache
    _key: str

    def forgive(self) -> None:
        """It succeeded, or its failure was no fault of the client."""
        self._cache.delete(self._key)


class Throttle:
    """Each failed try occupies one of the places of a client address for the length of the
    window."""

    limit = LIMIT

    def __init__(self, name: str) -> None:
        self._name = name

    def begin(self, who: str) -> Try:
        """Raises TooManyTries."""
        try:
            return self._begin(caches["default"], who)
        except _CacheAway:
            return self._begin(caches["local"], who)

    def key_of(self, who: str) -> str:
        return _network(who)

    def _begin(self, cache: BaseCache, who: str) -> Try:
        found = self.key_of(who)
        keys = [f"tries:{self._name}:{found}:{place}" for place in range(self.limit)]
        now = time.time()
        for key in keys:
            added: bool | None = cache.add(key, now + WINDOW_SECONDS, WINDOW_SECONDS)
            if added is None:  # what django-redis says where Redis is away
                raise _CacheAway
            if added:
                return Try(cache, key)
        free_at = min(cache.get_many(keys).values(), default=now)
        raise TooManyTries(max(1, math.ceil(free_at - now)))


class UserThrottle(Throttle):
    """The places are those of a user name, whether there is such a user or not."""

    limit = USER_LIMIT

    def key_of(self, who: str) -> str:
        """However it is written: some databases do not tell the ways apart."""
        name = unicodedata.normalize("NFKC", who).strip().casefold()
        return hashlib.sha256(name.encode()).hexdigest()


def _network(address: str) -> str:
    """Whoever has one IPv6 address has its whole /64."""
    if address == UNKNOWN_ADDRESS:
        return address
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False).network_address)
