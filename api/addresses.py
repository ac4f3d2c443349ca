"""Whose address a request comes from (来访地址): the connection's, or what a trusted proxy says it forwarded."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

_ONE_SITE = 64


class Proxies:
    """The proxies whose ``X-Forwarded-For`` is believed: addresses or networks, separated by commas; none at first.

    Raises ValueError for text that names no network.
    """

    def __init__(self, listed: str) -> None:
        self._networks = [ip_network(part.strip(), strict=False) for part in listed.split(",") if part.strip()]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self._networks)


def asking_address(scope: Scope, proxies: Proxies) -> str:
    """The address that asks; of IPv6 the first 64 bits, which one connection owns.

    ``X-Forwarded-For`` is read from its end, as far as those who wrote it are trusted: what a stranger puts at
    its beginning counts for nothing.
    """
    client = scope.get("client")
    found = str(client[0]) if client else ""
    if proxies:
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        hops = [hop.strip() for line in forwarded for hop in line.split(",")]
        while hops and found in proxies and _address(hops[-1]) is not None:
            found = hops.pop()
    return _site(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # The same machine, seen through a socket of both kinds.
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _site(text: str) -> str:
    found = _address(text)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _ONE_SITE), strict=False))
    return text if found is None else str(found)
