"""Whose address a request has: nobody's word is believed but a configured proxy's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wallet_service.listening.addresses import (
    MAX_FORWARDED_ADDRESSES,
    ForwardedClient,
    checked_networks,
    client_address,
    client_key,
    networks_of,
)

PROXIES = networks_of("10.0.0.7, 192.168.4.0/24, 2001:db8:1::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),  # no proxy of ours: its word is nothing
        ("127.0.0.1", ["203.0.113.9"], "127.0.0.1"),  # nor because it is this machine
        ("10.0.0.7", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),  # what the client wrote itself stands left
        ("10.0.0.7", ["6.6.6.6", "203.0.113.9"], "203.0.113.9"),  # whole headers too
        ("10.0.0.7", ["203.0.113.9, 192.168.4.2"], "203.0.113.9"),  # two proxies of ours
        ("10.0.0.7", ["203.0.113.9, nonsense"], "10.0.0.7"),
        ("2001:db8:1::5", ["2001:db8:9::1"], "2001:db8:9::1"),
        ("::ffff:10.0.0.7", ["203.0.113.9"], "203.0.113.9"),
    ],
)
def test_the_client_is_whom_the_last_proxy_of_ours_saw(peer: str, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "10.0.0.7, 0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "::/0", "2000::/3", "nonsense"]
)
def test_a_setting_that_would_believe_strangers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"strangers|addresses or networks"):
        checked_networks(text)


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0/8", "203.0.113.7", "104.16.0.0/13", "fd00::/8", "2001:db8::/32"]
)
def test_a_proxys_own_networks_are_taken_as_they_are(text: str) -> None:
    assert checked_networks(text) == text


def test_without_a_configured_proxy_every_header_is_nothing() -> None:
    assert client_address("127.0.0.1", ["203.0.113.9"], networks_of("")) == "127.0.0.1"


def test_a_long_chain_is_read_only_so_far() -> None:
    chain = ", ".join(["6.6.6.6"] + ["192.168.4.2"] * MAX_FORWARDED_ADDRESSES)
    assert client_address("10.0.0.7", [chain], PROXIES) == "192.168.4.2"


def test_an_ipv6_client_is_its_whole_network() -> None:
    assert client_key("2001:db8:9::1") == client_key("2001:db8:9::ffff") == "2001:db8:9::/64"
    assert client_key("2001:db8:9:1::1") != client_key("2001:db8:9::1")
    assert client_key("::ffff:203.0.113.9") == client_key("203.0.113.9")
    assert client_key("203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize("text", ["10.0.0", "10.0.0.7/40", "proxy.example"])
def test_a_proxy_is_named_by_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear"):
        networks_of(text)


@pytest.mark.parametrize(("proxies", "client"), [("10.0.0.7", "203.0.113.9"), ("", "10.0.0.7")])
def test_the_app_is_told_the_client_and_no_header_more(proxies: str, client: str) -> None:
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope["client"][0])

    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-real-ip", b"6.6.6.6")]
    scope = {"type": "http", "client": ("10.0.0.7", 4711), "headers": headers}
    asyncio.run(ForwardedClient(app, networks_of(proxies))(scope, None, None))
    assert heard == [client]
