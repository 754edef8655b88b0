"""Who a request comes from: the other end of its connection, or whom a configured proxy names. Pure.

`X-Forwarded-For` is anybody's to write. It is read only when the connection comes from a proxy the settings
name, from its right end, and only as far as the addresses in it are such proxies themselves.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

FORWARDED_FOR = b"x-forwarded-for"
#: Proxies behind proxies: further left nothing is believed.
MAX_FORWARDED_ADDRESSES = 10
#: Whoever has one IPv6 address has all of its /64 (RFC 6177): it is counted as one client.
IPV6_CLIENT_PREFIX = 64
UNKNOWN = "unknown"
#: Whose addresses no stranger has (RFC 1918, 6598, 4193, 4291): a proxy's network may be as wide as they are.
OWN_NETWORKS = tuple(
    ipaddress.ip_network(one)
    for one in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)
#: Public networks wider than that are nobody's proxies: strangers in one could say who they are.
WIDEST_PUBLIC_PREFIX = {4: 12, 6: 28}


def networks_of(text: str) -> tuple[Network, ...]:
    """``"10.0.0.7, 192.168.4.0/24"`` as networks, in order; empty for "". Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def checked_networks(text: str) -> str:
    """A setting `networks_of` can read, as it is. Raises ValueError with what it should look like.

    So for one that would believe strangers: all the world, or a good part of it.
    """
    try:
        networks = networks_of(text)
    except ValueError:
        raise ValueError("addresses or networks with commas, such as 10.0.0.7, 192.168.4.0/24") from None
    for network in networks:
        if not _is_own(network) and network.prefixlen < WIDEST_PUBLIC_PREFIX[network.version]:
            raise ValueError(f"{network} would let strangers say who they are: name the proxies alone")
    return text


def _is_own(network: Network) -> bool:
    return any(one.version == network.version and network.subnet_of(one) for one in OWN_NETWORKS)  # type: ignore[arg-type]


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """The client behind `peer`: the rightmost address of `forwarded` that no configured proxy wrote itself.

    `forwarded` are the values of X-Forwarded-For in order. A part that is no address ends the reading.
    """
    parts = [part.strip() for value in forwarded for part in value.split(",")]
    found = peer
    for part in reversed(parts[-MAX_FORWARDED_ADDRESSES:]):
        if not _is_one_of(found, proxies):
            break
        address = _address(part)
        if address is None:
            break
        found = str(address)
    return found


def client_key(address: str) -> str:
    """What a client is counted by: its IPv4 address, or the /64 of its IPv6 address."""
    parsed = _address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_CLIENT_PREFIX), strict=False))
    return str(parsed or address)


class ForwardedClient:
    """ASGI middleware: puts the client's own address where the app looks for it (`scope["client"]`)."""

    def __init__(self, app: Any, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._proxies and scope["type"] == "http" and scope.get("client"):
            forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == FORWARDED_FOR]
            peer, port = scope["client"]
            scope = {**scope, "client": (client_address(peer, forwarded, self._proxies), port)}
        await self._app(scope, receive, send)


def _address(text: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _is_one_of(address: str, networks: Sequence[Network]) -> bool:
    parsed = _address(address)
    return parsed is not None and any(parsed in network for network in networks)
