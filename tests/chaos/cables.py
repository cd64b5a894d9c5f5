"""Addresses that lead through a cable."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from tests.chaos.network import Cable


def through(cable: Cable, url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}{cable.host}:{cable.port}"))
