"""Who sent a request, for what is said and counted of clients."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.request import HttpHeaders

UNKNOWN_ADDRESS = "unknown"


def client_address(request: HttpRequest) -> str:
    """The address of the client, as the proxy in front writes it into CLIENT_ADDRESS_HEADER, or
    as the outermost of TRUSTED_PROXY_COUNT proxies saw it.

    What stands further left in X-Forwarded-For was written by the client itself.
    """
    return address_in(request.META)


def address_in(environ: Mapping[str, Any]) -> str:
    """The same of what a WSGI server knows of a request."""
    headers = HttpHeaders(environ)
    named = headers.get(settings.CLIENT_ADDRESS_HEADER, "").strip()
    if _is_address(named):
        return named
    count = settings.TRUSTED_PROXY_COUNT
    hops = headers.get("X-Forwarded-For", "").split(",")
    if count and len(hops) >= count and _is_address(hops[-count].strip()):
        return hops[-count].strip()
    address: str = environ.get("REMOTE_ADDR", "")
    return address if _is_address(address) else UNKNOWN_ADDRESS


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
