"""Mail providers: how their mailboxes are reached, and what they demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """host "" where only the person knows it. domains are those whose addresses are its own.

    demands are sentences for people, link a page of the provider where the first of them is met.
    oauth is the provider that `mailboxlogin` knows it by, "" where passwords do; password False:
    it takes none.
    """

    id: str
    label: Any
    host: str = ""
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    domains: tuple[str, ...] = ()
    demands: tuple[Any, ...] = ()
    link: str = ""
    oauth: str = ""
    password: bool = True


def guess(address: str, providers: tuple[Provider, ...]) -> Provider | None:
    """By the domain of the address alone; nobody is asked."""
    domain = address.strip().rpartition("@")[2].lower()
    return next((each for each in providers if domain and domain in each.domains), None)


def by_server(host: str, port: str, providers: tuple[Provider, ...]) -> Provider | None:
    """Whose server that is."""
    server = (host.lower(), port)
    return next(
        (each for each in providers if host and server == (each.host, str(each.port))), None
    )


def named(name: str, providers: tuple[Provider, ...]) -> Provider | None:
    return next((each for each in providers if each.id == name), None)
