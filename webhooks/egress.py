"""Which addresses a webhook may reach, checked when the connection is made.

A name can resolve to one address when it is looked at and to another when it is used, so
each resolved address is checked where the socket opens, and the socket goes to exactly
that address.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Python's own flags miss some of these, and which ones depends on its version. From the
# IANA special-purpose registries; the IPv6 ones that embed an IPv4 address are among them.
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
# All of IPv6 that is given out to be reached from anywhere (RFC 4291, 2.4).
UNICAST = ip_network("2000::/3")
LOWEST_FREE_PORT = 1024
UNUSABLE = "the webhook URL cannot be used"


class EgressRefused(ValueError):
    """A webhook URL cannot be used. Says why, without its path, query or login."""


def is_allowed_explicitly(address: Address, allowed: Sequence[Network]) -> bool:
    plain = _unmapped(address)
    return any(plain in network for network in allowed if network.version == plain.version)


def is_forbidden(address: Address, allowed: Sequence[Network]) -> bool:
    if is_allowed_explicitly(address, allowed):
        return False
    plain = _unmapped(address)
    if not plain.is_global or (plain.version == 6 and plain not in UNICAST):
        return True
    return any(plain in network for network in SPECIAL if network.version == plain.version)


def _unmapped(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def check_url(url: str, allowed: Sequence[Network]) -> None:
    """What can be known before the name is looked up. Raises EgressRefused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise EgressRefused("it is malformed") from None
    if any(char.isspace() or not char.isprintable() for char in url):
        raise EgressRefused("it contains a space or a control character")
    if parts.scheme not in ("http", "https") or not host:
        raise EgressRefused("it must start with https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise EgressRefused("it must not contain a user name or password")
    if port is not None and port < LOWEST_FREE_PORT and port not in (80, 443):
        raise EgressRefused(f"port {port} belongs to another service than HTTPS")
    encrypted = parts.scheme == "https"
    address = _literal(host)
    if address is not None:
        _check_address(host, address, encrypted, allowed)
    elif not encrypted and not allowed:
        raise _refused_http(host)


def _literal(host: str) -> Address | None:
    """The address that a host is, in any of the spellings that a connection would understand."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f000001
    except (OSError, ValueError):
        return None


def _check_address(
    host: str, address: Address, encrypted: bool, allowed: Sequence[Network]
) -> None:
    if is_forbidden(address, allowed):
        raise EgressRefused(
            f"{host} is at {address}, which webhooks may not reach; "
            "allow its network in EGRESS_ALLOWED_CIDRS if that is intended"
        )
    if not encrypted and not is_allowed_explicitly(address, allowed):
        raise _refused_http(host)


def _refused_http(host: str) -> EgressRefused:
    return EgressRefused(
        f"plain http to {host} is refused: use https, or allow its network in EGRESS_ALLOWED_CIDRS"
    )


def resolve(
    host: str, port: int, *, encrypted: bool, allowed: Sequence[Network]
) -> list[tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]]:
    """The addresses to connect to. Raises EgressRefused if any of them is forbidden, or if the
    connection is not encrypted and any is not allow-listed; OSError if the name is unknown."""
    found = []
    for family, _, _, _, sockaddr in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = ip_address(str(sockaddr[0]).partition("%")[0])
        _check_address(host, address, encrypted, allowed)
        found.append((family, sockaddr))
    return found  # type: ignore[return-value]  # AF_INET and AF_INET6 only
