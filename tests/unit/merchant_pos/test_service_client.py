"""The point of sale's door to the service: when a refused signature is made anew."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from merchant_pos.errors import ServiceRefusal
from merchant_pos.paired_tills import PairedTill
from merchant_pos.service_client import CLOCK_JUMP_MS, SERVER_TIME_HEADER, ServiceClient
from merchant_pos.settings import PosSettings
from merchant_pos.till_keys import new_till_key
from wallet_service.protocol.clock import VirtualClock

NOW_UNIX_MS = 1_800_000_000_000
TILL = PairedTill("TILL1", "Caisse 1", "Boulangerie", new_till_key())
REFUSED = {"Content-Type": "application/problem+json"}


def tries_of(ahead_ms: int, *, pulse_came_between: bool) -> int:
    """How often a list is asked of a service whose clock is ahead and that refuses the first signature."""
    tries = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        if tries > 1:
            return httpx.Response(200, json=[])
        if pulse_came_between:
            client.server_offset_ms = ahead_ms
        said = {**REFUSED, SERVER_TIME_HEADER: str(NOW_UNIX_MS + ahead_ms)}
        return httpx.Response(401, json={"code": "till.clock_wrong"}, headers=said)

    client = ServiceClient(PosSettings(), VirtualClock(NOW_UNIX_MS), httpx.MockTransport(answer))
    with ThreadPoolExecutor(1) as own:  # a browser's test may hold this thread's event loop
        own.submit(asyncio.run, client.sales(TILL, 1, "fr")).result()
    assert client.server_offset_ms == ahead_ms
    return tries


@pytest.mark.parametrize("pulse_came_between", [False, True])
@pytest.mark.parametrize("ahead_ms", [CLOCK_JUMP_MS, -CLOCK_JUMP_MS, 30 * 60_000])
def test_what_was_signed_with_a_wrong_clock_is_signed_anew(ahead_ms: int, pulse_came_between: bool) -> None:
    assert tries_of(ahead_ms, pulse_came_between=pulse_came_between) == 2


def test_what_was_refused_for_another_reason_is_not_tried_again() -> None:
    with pytest.raises(ServiceRefusal):
        tries_of(CLOCK_JUMP_MS - 1, pulse_came_between=False)
