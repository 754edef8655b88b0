"""Server push over HTTP (SSE): turns the hub's events into a stream with ids, replay and heartbeats.

Owns no topic.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from wallet_service.faces.shell.middleware import OPEN_STREAMS
from wallet_service.platform.listeners import Listener
from wallet_service.platform.push import Push
from wallet_service.protocol.stream_kinds import StreamKind

#: Pages take a line for dead after three of these (`silentAfterMs`), and so do points of sale.
HEARTBEAT_S = 5
RETRY_MS = 1_000
SEND_TIMEOUT_S = 20.0
#: A stream ends with its session or its till's right; this bounds what ends without a word (a session's age).
STREAM_LIFETIME_S = 600.0


class EventStream(EventSourceResponse):
    """A stream of server-sent events (WHATWG HTML, 9.2)."""

    media_type = "text/event-stream"


def last_event_id(request: Request) -> int | None:
    """The header a re-connecting browser sends, or the query value a fresh EventSource can only give."""
    supplied = request.headers.get("last-event-id") or request.query_params.get("last_event_id") or ""
    return int(supplied) if supplied.isdecimal() and len(supplied) <= 18 else None


async def event_stream(request: Request, push: Push, listener: Listener) -> EventStream:
    """What `listener` hears. Raises TooManyStreams before anything is sent."""
    events = push.subscribe(listener, last_event_id(request))
    first = await anext(events)  # raises here, while an error can still be answered

    async def stream() -> AsyncIterator[ServerSentEvent]:
        gauge = OPEN_STREAMS.labels(request.app.state.face)
        ends_at_s = time.monotonic() + STREAM_LIFETIME_S
        gauge.inc()
        try:
            yield _sent(first.id, first.kind, first.data)
            while (left_s := ends_at_s - time.monotonic()) > 0:
                event = await asyncio.wait_for(anext(events), left_s)
                yield _sent(event.id, event.kind, event.data)
        except (TimeoutError, StopAsyncIteration):
            return  # the page comes back with its last id, and shows who it is again
        finally:
            gauge.dec()
            if isinstance(events, AsyncGenerator):
                await events.aclose()  # now, and not when memory is next swept: the hub holds a place for it

    return EventStream(
        stream(),
        ping=HEARTBEAT_S,
        ping_message_factory=_beat,
        send_timeout=SEND_TIMEOUT_S,
        headers={"Cache-Control": "no-store"},
    )


def _beat() -> ServerSentEvent:
    """An event: a page hears no comments, and could not tell a dead line from a quiet one."""
    return ServerSentEvent(data="{}", event=StreamKind.BEAT)


def _sent(number: int, kind: str, data: object) -> ServerSentEvent:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return ServerSentEvent(data=text, event=kind, id=str(number), retry=RETRY_MS)
