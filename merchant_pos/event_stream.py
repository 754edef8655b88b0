"""Reads a server-sent event stream (WHATWG HTML, 9.2.6) line by line. Pure; knows nothing of sales."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

MAX_EVENT_CHARACTERS = 64_000


@dataclass(frozen=True)
class ServerEvent:
    """One event. `event_id` is the last id seen on the stream, which is what a reconnection must send."""

    kind: str
    data: str
    event_id: str | None


async def read_events(lines: AsyncIterator[str]) -> AsyncIterator[ServerEvent]:
    """Events as they complete; comments and half events at the end are dropped.

    Raises ValueError beyond the size bound.
    """
    kind = "message"
    data: list[str] = []
    event_id: str | None = None
    async for line in lines:
        if not line:
            if data:
                yield ServerEvent(kind, "\n".join(data), event_id)
            kind, data = "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            kind = value
        elif field == "data":
            data.append(value)
            if sum(map(len, data)) > MAX_EVENT_CHARACTERS:
                raise ValueError("an event larger than this program reads")
        elif field == "id" and "\0" not in value:
            event_id = value
