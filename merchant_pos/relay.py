"""Carries the service's push to one tablet: reads the till's event stream, reconnects and replays, and sends
on the truth.

An event is only a hint that something changed: the sale is read again from the service before anything is
shown, so a tablet never shows a state the service did not give at that moment. One upstream stream per open
tablet page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import structlog
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from merchant_pos.errors import PosError, ServiceRefusal, TooManyScreens
from merchant_pos.event_stream import ServerEvent, read_events
from merchant_pos.paired_tills import PairedTill
from merchant_pos.pulse import ServicePulse
from merchant_pos.sales import Sales
from merchant_pos.service_client import ServiceClient

RECONNECT_PAUSES_S = (0.3, 0.6, 1.2, 2.5, 5.0)  # the last one repeats
MAX_SCREENS_PER_TILL = 6
QUEUE_EVENTS = 100
MAX_EVENT_ID_CHARACTERS = 40
REVOKED = "till.revoked"
RELOAD = "stream.reload"  # the service no longer has what this page missed

log = structlog.get_logger(__name__)


class Relay:
    def __init__(
        self, client: ServiceClient, sales: Sales, pulse: ServicePulse, pulse_interval_s: float
    ) -> None:
        self._client = client
        self._sales = sales
        self._pulse = pulse
        self._pulse_interval_s = pulse_interval_s
        self.screens: dict[str, int] = {}  # open pages by till id

    def open_screen(self, till: PairedTill, language: str, last_event_id: str | None) -> Screen:
        """One open page. Raises TooManyScreens: each holds a stream of the service."""
        if self.screens.get(till.till_id, 0) >= MAX_SCREENS_PER_TILL:
            raise TooManyScreens(maximum_screens=MAX_SCREENS_PER_TILL)
        queue: asyncio.Queue[ServerSentEvent] = asyncio.Queue(QUEUE_EVENTS)
        link = _Link(self._client, self._sales, till, language, last_event_id, queue)
        self.screens[till.till_id] = self.screens.get(till.till_id, 0) + 1
        return Screen(link, queue, self._pulse, self._pulse_interval_s, lambda: self._leave(till))

    def _leave(self, till: PairedTill) -> None:
        self.screens[till.till_id] -= 1


class Screen:
    """What one page hears, until `close`."""

    def __init__(
        self,
        link: _Link,
        queue: asyncio.Queue[ServerSentEvent],
        pulse: ServicePulse,
        pulse_interval_s: float,
        leave: Callable[[], None],
    ) -> None:
        self._link = link
        self._queue = queue
        self._pulse = pulse
        self._pulse_interval_s = pulse_interval_s
        self._leave = leave
        self._task = asyncio.create_task(link.run())

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """``stream``, ``sale``, ``refused``, and ``connection`` at each pulse and after each event."""
        while True:
            with suppress(TimeoutError):
                yield await asyncio.wait_for(self._queue.get(), timeout=self._pulse_interval_s)
            if self._queue.empty():
                shown = self._pulse.shown()
                yield _event("connection", {**shown, "online": shown["online"] and self._link.connected})

    def close(self) -> None:
        """Waits for nothing: it is called while the page's request is being cancelled."""
        self._leave()
        self._task.cancel()


class ScreenResponse(EventSourceResponse):
    """The stream as an answer. A page that leaves cancels it anywhere, so closing belongs here, not in the
    generator.
    """

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen.events(), headers={"Cache-Control": "no-store"})
        self._screen = screen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._screen.close()


class _Link:
    """The upstream half of one page's stream: connects, reads, and connects again for as long as the page is
    open.
    """

    def __init__(
        self,
        client: ServiceClient,
        sales: Sales,
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
                await self._queue.put(_event("refused", refusal.problem(self._language)))
            except (PosError, ValueError) as error:
                log.info("till_stream_broken", reason=type(error).__name__)
            await self._say_connected(False)
            await asyncio.sleep(RECONNECT_PAUSES_S[min(failures, len(RECONNECT_PAUSES_S) - 1)])
            failures += 1

    async def _say_connected(self, connected: bool) -> None:
        """``stream`` tells the page to read everything again: whatever happened before this moment, it now
        sees.
        """
        if connected != self.connected:
            self.connected = connected
            await self._queue.put(_event("stream", {"connected": connected}))

    async def _pass_on(self, event: ServerEvent) -> None:
        if event.kind == REVOKED:
            await self._client.till_self(self._till, self._language)  # is refused, in words for the person
        if event.kind == RELOAD:
            await self._queue.put(_event("stream", {"connected": True}))
        sale_id = _sale_id(event)
        if sale_id is not None:
            view = await self._sales.shown(self._till, sale_id, self._language)
            await self._queue.put(_event("sale", view, event.event_id))
        # Only now: were the reading cut, the reconnection must replay this event.
        self._last_event_id = event.event_id or self._last_event_id


def _sale_id(event: ServerEvent) -> str | None:
    """The sale an event is about: ``sale.changed`` carries the sale, ``refund.changed`` a refund of it."""
    try:
        data = json.loads(event.data)
    except ValueError:
        return None
    found: Any = None
    if isinstance(data, dict):
        found = _field(data.get("sale"), "id") or _field(data.get("refund"), "sale_id")
    return found if isinstance(found, str) else None


def _field(item: Any, name: str) -> Any:
    return item.get(name) if isinstance(item, dict) else None


def _event(kind: str, data: dict[str, Any], event_id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(data, ensure_ascii=False), event=kind, id=event_id)
