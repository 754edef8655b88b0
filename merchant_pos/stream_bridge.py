"""Carries the service's push to one tablet: reads the till's event stream, reconnects, replays, passes on.

What an event carries is the service's word, written with the change it tells of: it is checked for its form
and passed on as it is, so a sale costs no reading here. Only an event that comes after a newer one (a replay
may repeat what was seen) is no more than a hint: then the sale is asked for (docs/decisions/0011). Must not
turn one state into another. One upstream stream per open tablet page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from merchant_pos.errors import PosError, ServiceRefusal, TooManyScreens
from merchant_pos.event_stream import ServerEvent, read_events
from merchant_pos.paired_tills import PairedTill
from merchant_pos.sales import TillSales
from merchant_pos.screen_events import ScreenEventKind
from merchant_pos.service_client import ServiceClient
from merchant_pos.service_health import ServiceHealth
from wallet_service.protocol.event_kinds import EventKind, RefundChanged, SaleChanged
from wallet_service.protocol.stream_kinds import StreamKind

RECONNECT_PAUSES_S = (0.3, 0.6, 1.2, 2.5, 5.0)  # the last one repeats
MAX_SCREENS_PER_TILL = 6
QUEUE_EVENTS = 100
MAX_EVENT_ID_CHARACTERS = 40

_SALE_CHANGED = TypeAdapter(SaleChanged)
_REFUND_CHANGED = TypeAdapter(RefundChanged)

log = structlog.get_logger(__name__)


class StreamBridge:
    def __init__(
        self, client: ServiceClient, sales: TillSales, service_health: ServiceHealth, pulse_interval_s: float
    ) -> None:
        self._client = client
        self._sales = sales
        self._service_health = service_health
        self._pulse_interval_s = pulse_interval_s
        self.screens: dict[str, int] = {}  # open pages by till id

    def open_screen(self, till: PairedTill, language: str, last_event_id: str | None) -> TillStream:
        """One open page. Raises TooManyScreens: each holds a stream of the service."""
        if self.screens.get(till.till_id, 0) >= MAX_SCREENS_PER_TILL:
            raise TooManyScreens(maximum_screens=MAX_SCREENS_PER_TILL)
        queue: asyncio.Queue[ServerSentEvent] = asyncio.Queue(QUEUE_EVENTS)
        upstream = _UpstreamStream(self._client, self._sales, till, language, last_event_id, queue)
        self.screens[till.till_id] = self.screens.get(till.till_id, 0) + 1
        return TillStream(
            upstream, queue, self._service_health, self._pulse_interval_s, lambda: self._leave(till)
        )

    def _leave(self, till: PairedTill) -> None:
        self.screens[till.till_id] -= 1


class TillStream:
    """What one page hears, until `close`."""

    def __init__(
        self,
        upstream: _UpstreamStream,
        queue: asyncio.Queue[ServerSentEvent],
        service_health: ServiceHealth,
        pulse_interval_s: float,
        leave: Callable[[], None],
    ) -> None:
        self._upstream = upstream
        self._queue = queue
        self._service_health = service_health
        self._pulse_interval_s = pulse_interval_s
        self._leave = leave
        self._task = asyncio.create_task(upstream.run())

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """What `ScreenEventKind` lists; the connection at each check of the service and after each event."""
        while True:
            with suppress(TimeoutError):
                yield await asyncio.wait_for(self._queue.get(), timeout=self._pulse_interval_s)
            if self._queue.empty():
                shown = self._service_health.shown()
                online = shown.online and self._upstream.connected
                yield _event(
                    ScreenEventKind.CONNECTION,
                    shown.model_copy(update={"online": online}).model_dump(mode="json"),
                )

    def close(self) -> None:
        """Waits for nothing: it is called while the page's request is being cancelled."""
        self._leave()
        self._task.cancel()


class TillStreamResponse(EventSourceResponse):
    """The stream as an answer.

    A page that leaves cancels it anywhere, so closing belongs here, not in the generator.
    """

    media_type = "text/event-stream"

    def __init__(self, screen: TillStream) -> None:
        super().__init__(screen.events(), headers={"Cache-Control": "no-store"})
        self._screen = screen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._screen.close()


class _UpstreamStream:
    """The upstream half of one page's stream.

    Connects, reads, and connects again for as long as the page is open.
    """

    def __init__(
        self,
        client: ServiceClient,
        sales: TillSales,
        till: PairedTill,
        language: str,
        last_event_id: str | None,
        queue: asyncio.Queue[ServerSentEvent],
    ) -> None:
        self._client, self._sales, self._till, self._language = client, sales, till, language
        self._queue = queue
        self._last_event_id = (
            last_event_id if last_event_id and len(last_event_id) <= MAX_EVENT_ID_CHARACTERS else None
        )
        self.connected = False

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                async with self._client.events(self._till, self._last_event_id) as lines:
                    failures = 0
                    await self._say_connected(True)
                    async for event in read_events(lines):
                        await self._pass_on(event)
            except ServiceRefusal as refusal:
                await self._queue.put(_event(ScreenEventKind.REFUSED, refusal.problem(self._language)))
            except (PosError, ValueError) as error:
                log.info("till_stream_broken", reason=type(error).__name__)
            await self._say_connected(False)
            await asyncio.sleep(RECONNECT_PAUSES_S[min(failures, len(RECONNECT_PAUSES_S) - 1)])
            failures += 1

    async def _say_connected(self, connected: bool) -> None:
        """Says the stream is open, which has the page read everything again, or that it is lost."""
        if connected != self.connected:
            self.connected = connected
            await self._queue.put(_event(ScreenEventKind.STREAM, {"connected": connected}))

    async def _pass_on(self, event: ServerEvent) -> None:
        handler = HANDLERS.get(event.kind)
        if handler is not None:
            try:
                await handler(self, event)
            except ValidationError:  # of another form than ours: what is true is read, not guessed
                log.warning("till_event_form_unknown", kind=event.kind)
                await self._say_reload(event)
        # Only now: were the reading cut, the reconnection must replay this event.
        if _is_newer(event.event_id, self._last_event_id):
            self._last_event_id = event.event_id

    async def _pass_sale(self, event: ServerEvent) -> None:
        sale = _SALE_CHANGED.validate_json(event.data).sale
        payload = asdict(sale)
        if not _is_newer(event.event_id, self._last_event_id):
            view = await self._sales.shown(self._till, sale.id, self._language)
            payload = view.model_dump(mode="json")
        await self._queue.put(_event(ScreenEventKind.SALE, payload, event.event_id))

    async def _pass_refund(self, event: ServerEvent) -> None:
        refund = _REFUND_CHANGED.validate_json(event.data).refund
        if _is_newer(event.event_id, self._last_event_id):
            await self._queue.put(_event(ScreenEventKind.REFUND, asdict(refund), event.event_id))
        else:
            await self._say_reload(event)

    async def _say_revoked(self, event: ServerEvent) -> None:
        """Asks who we are: the refusal says it in words for the person."""
        await self._client.till_self(self._till, self._language)

    async def _say_reload(self, event: ServerEvent) -> None:
        await self._queue.put(_event(ScreenEventKind.STREAM, {"connected": True}))


#: What is done with each kind the service pushes to a till.
HANDLERS: Mapping[str, Callable[[_UpstreamStream, ServerEvent], Awaitable[None]]] = {
    EventKind.SALE_CHANGED: _UpstreamStream._pass_sale,
    EventKind.REFUND_CHANGED: _UpstreamStream._pass_refund,
    EventKind.CASHIERS_CHANGED: _UpstreamStream._say_reload,
    EventKind.TILL_REVOKED: _UpstreamStream._say_revoked,
    StreamKind.RELOAD: _UpstreamStream._say_reload,
}


def _is_newer(event_id: str | None, last_event_id: str | None) -> bool:
    """Whether an event was written after the last one that was passed on. An id of no known form is not."""
    if last_event_id is None:
        return True
    if event_id is None or not (event_id.isdecimal() and last_event_id.isdecimal()):
        return False
    return int(event_id) > int(last_event_id)


def _event(kind: ScreenEventKind, data: Mapping[str, Any], event_id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=kind.value, id=event_id)
