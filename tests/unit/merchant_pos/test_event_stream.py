"""Reading the service's event stream as the standard says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from merchant_pos.event_stream import MAX_EVENT_CHARACTERS, ServerEvent, read_events


def events_of(text: str) -> list[ServerEvent]:
    async def lines() -> AsyncIterator[str]:
        for line in text.split("\n"):
            yield line

    async def collect() -> list[ServerEvent]:
        return [event async for event in read_events(lines())]

    with ThreadPoolExecutor(
        1
    ) as own:  # a browser test before this one may have left a loop in the main thread
        return own.submit(asyncio.run, collect()).result()


def test_events_carry_kind_data_and_the_last_id_seen() -> None:
    text = "id: 7\nevent: sale.changed\ndata: {}\n\nevent: other\ndata: 1\n\n"
    assert events_of(text) == [ServerEvent("sale.changed", "{}", "7"), ServerEvent("other", "1", "7")]


def test_comments_and_empty_events_are_silent_and_lines_of_data_are_joined() -> None:
    assert events_of(": ping\n\nevent: x\n\ndata: a\ndata:b\n\n") == [ServerEvent("message", "a\nb", None)]


def test_an_event_cut_in_the_middle_is_not_given() -> None:
    assert events_of("id: 1\ndata: half") == []


def test_an_endless_event_is_refused() -> None:
    with pytest.raises(ValueError, match="larger"):
        events_of("data: " + "x" * (MAX_EVENT_CHARACTERS + 1))
