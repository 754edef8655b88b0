"""What pages hear without asking: events kept for replay, and the hub that hands them to open streams.

`publish` writes the event inside the caller's unit of work, so that nothing is heard before it is true. The
hub follows the table, woken after a commit in this process, looking every `FOLLOW_INTERVAL_S` for what
another process wrote. Delivery is at least once: a page treats an event as "look again", never as a delta.
What ends a stream (its session, its till's right) goes the same way, so that it ends in every process.
Owns the `push_events` table; puts no name and no key into it. Knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, Text, cast, delete, func, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError

from wallet_service.database.tables.push import push_events
from wallet_service.database.unit_of_work import UnitOfWork
from wallet_service.platform.listeners import Audience, Listener, Room, gives_way
from wallet_service.platform.quarantine import Quarantine, RowKind
from wallet_service.protocol.clock import Clock
from wallet_service.protocol.event_kinds import Event, EventKind, ForMember
from wallet_service.protocol.stream_kinds import StreamKind

FOLLOW_INTERVAL_S = 0.25
MAX_EVENTS_PER_LOOK = 500
MAX_REPLAY_EVENTS = 500
#: A stream that does not read is closed; its page comes back with Last-Event-ID and loses nothing.
MAX_WAITING_EVENTS_PER_STREAM = 256
#: What all members hear beside their own.
MEMBERS_TOPIC = "members"
#: Written on the topic that a stream ends with; heard by the hub alone.
END = "stream.end"
#: Row numbers are handed out before commits: a lower one may show after a higher one. How long we look.
LATE_EVENT_PATIENCE_S = 10.0
REPLAY_OVERLAP_EVENTS = 50
KEPT_FOR_MS = 24 * 3600 * 1000
FORGET_AT_MOST = 5_000

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})

log = structlog.get_logger(__name__)
#: The data as text: what is no JSON must spoil its own row only.
_SELECTED = select(
    push_events.c.id, push_events.c.topic, push_events.c.kind, cast(push_events.c.data, Text).label("data")
)


@dataclass(frozen=True)
class PushEvent:
    """One event as a page receives it; `id` is what it sends back as Last-Event-ID."""

    id: int
    topic: str
    kind: str
    data: Mapping[str, Any]


@dataclass(eq=False)
class _Stream:
    listener: Listener
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[PushEvent | None] = field(
        default_factory=lambda: asyncio.Queue(MAX_WAITING_EVENTS_PER_STREAM + 1)
    )

    def hand_over(self, event: PushEvent) -> None:
        """Runs on the stream's own loop. The last place is for the closing mark."""
        if event.kind == END or self.queue.qsize() >= MAX_WAITING_EVENTS_PER_STREAM:
            self.close()
            return
        self.queue.put_nowait(event)
        if event.kind == EventKind.TILL_REVOKED and self.listener.audience is Audience.TILL:
            self.close()

    def close(self) -> None:
        if not self.queue.full():
            self.queue.put_nowait(None)


class Push:
    """Publisher and hub of one process. `start` runs the follower thread; publishing works without it."""

    def __init__(self, engine: Engine, clock: Clock, rooms: Mapping[Audience, Room] | None = None) -> None:
        self._rooms = rooms
        self._engine = engine
        self._clock = clock
        self._streams: dict[_Stream, None] = {}  # oldest first
        self._listening: dict[str, set[_Stream]] = {}  # by topic
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._cursor = 0
        self._missing: dict[int, float] = {}
        self._callbacks: list[Callable[[], None]] = []
        self.quarantine = Quarantine(engine, clock, self.publish)

    def on_events(self, callback: Callable[[], None]) -> None:
        """`callback` runs in the follower's thread when events came, of whatever process: quick, or never."""
        self._callbacks.append(callback)

    # publishing

    def publish(self, work: UnitOfWork, *events: Event) -> None:
        """Writes events in `work`; they are heard only if `work` commits."""
        now_unix_ms = self._clock.now_unix_ms()
        rows = [
            {
                "topic": event.topic,
                "kind": event.payload.kind.value,
                "data": _plain(event.payload),
                "created_at_unix_ms": now_unix_ms,
            }
            for event in events
        ]
        if not rows:
            return
        work.connection.execute(insert(push_events), rows)
        work.after_commit(self._wake.set)

    def end_streams(self, connection: Connection, topics: Iterable[str]) -> None:
        """Ends, once the caller's unit of work has committed, every stream that ends with one of `topics`."""
        now_unix_ms = self._clock.now_unix_ms()
        rows = [
            {"topic": topic, "kind": END, "data": {}, "created_at_unix_ms": now_unix_ms} for topic in topics
        ]
        if rows:
            connection.execute(insert(push_events), rows)

    def forget_old(self) -> int:
        """Deletes what is too old to be replayed, a bounded number of rows; returns how many."""
        oldest_unix_ms = self._clock.now_unix_ms() - KEPT_FOR_MS
        with UnitOfWork(self._engine) as work:
            old = select(push_events.c.id).where(push_events.c.created_at_unix_ms < oldest_unix_ms)
            chosen = old.order_by(push_events.c.id).limit(FORGET_AT_MOST)
            return work.connection.execute(delete(push_events).where(push_events.c.id.in_(chosen))).rowcount

    # following

    def start(self) -> None:
        with self._reading() as connection:
            self._cursor = _last_id(connection)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="push", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None
        self.close_streams()

    def close_streams(self) -> None:
        """Ends every open stream; their pages come back with Last-Event-ID."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            _on_loop(stream, stream.close)

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(FOLLOW_INTERVAL_S)
            self._wake.clear()
            try:
                while self.look() == MAX_EVENTS_PER_LOOK:
                    pass
            except Exception:
                log.exception("push.follow_failed")
                self._stopping.wait(1)

    def look(self) -> int:
        """Hands new events to the streams; returns how many rows were read."""
        now_s = time.monotonic()
        self._missing = {number: until for number, until in self._missing.items() if until > now_s}
        with self._reading() as connection:
            rows = _after(connection, self._cursor, MAX_EVENTS_PER_LOOK, late=self._missing)
        for event in rows:
            if event.id > self._cursor:
                for number in range(self._cursor + 1, event.id):
                    self._missing[number] = now_s + LATE_EVENT_PATIENCE_S
                self._cursor = event.id
            else:
                self._missing.pop(event.id, None)
        if events := self._readable(rows):
            self._hand_over(events)
            for callback in self._callbacks:
                callback()
        return len(rows)

    def _readable(self, rows: Sequence[Row[Any]]) -> list[PushEvent]:
        """The events of these rows; a row that says none is set aside, and its pages hear the others."""
        events = []
        for row in rows:
            try:
                events.append(_event(row))
            except (TypeError, ValueError) as error:
                self._set_aside(row.id, error)
        return events

    def _set_aside(self, event_id: int, error: Exception) -> None:
        """Never raises: the events read with it must be handed over."""
        try:
            self.quarantine.put_alone(RowKind.PUSH_EVENT, event_id, error)
        except SQLAlchemyError:
            log.exception("push.quarantine_failed", event_id=event_id)

    def _hand_over(self, events: list[PushEvent]) -> None:
        with self._lock:
            heard = [(stream, event) for event in events for stream in self._listening.get(event.topic, ())]
        for stream, event in heard:
            _on_loop(stream, stream.hand_over, event)

    def stream_count(self) -> int:
        with self._lock:
            return len(self._streams)

    # streams

    async def subscribe(
        self, listener: Listener, last_event_id: int | None = None
    ) -> AsyncIterator[PushEvent]:
        """What `listener` hears from now, or after `last_event_id`.

        Ends if the hub stops, the reader is slow, another stream needs the place, or what it ends with ends.

        The first event is always `stream.open`, so that a page has an id to come back with. More than
        `MAX_REPLAY_EVENTS` missed events give one `stream.reload`: the page must read its state again.

        Raises:
            TooManyStreams: before the first event.
        """
        stream = _Stream(listener, asyncio.get_running_loop())
        with self._lock:
            leaving = gives_way(listener, self._streams, self._rooms)
            if leaving is not None:
                self._unseat(leaving)
            self._seat(stream)
        if leaving is not None:
            _on_loop(leaving, leaving.close)
        try:
            # Registered before the table is read: what comes in between arrives twice rather than never.
            position, missed = await asyncio.to_thread(self._replay, listener.topic, last_event_id)
            yield PushEvent(position, "", StreamKind.OPEN, {})
            if len(missed) > MAX_REPLAY_EVENTS:
                yield PushEvent(position, "", StreamKind.RELOAD, {})
                missed = []
            for event in missed:
                yield event
            seen = {event.id for event in missed}
            while (live := await stream.queue.get()) is not None:
                if live.id not in seen:
                    yield live
        finally:
            with self._lock:
                self._unseat(stream)

    def _seat(self, stream: _Stream) -> None:
        self._streams[stream] = None
        for topic in stream.listener.topics():
            self._listening.setdefault(topic, set()).add(stream)

    def _unseat(self, stream: _Stream) -> None:
        self._streams.pop(stream, None)
        for topic in stream.listener.topics():
            others = self._listening.get(topic)
            if others is not None:
                others.discard(stream)
                if not others:
                    del self._listening[topic]

    def _replay(self, topic: str, last_event_id: int | None) -> tuple[int, list[PushEvent]]:
        with self._reading() as connection:
            newest = _last_id(connection)
            if last_event_id is None or last_event_id >= newest:
                return newest, []
            rows = self._missed(connection, topic, last_event_id)
        return last_event_id, self._readable(rows)

    def _missed(self, connection: Connection, topic: str, last_event_id: int) -> list[Row[Any]]:
        recent_unix_ms = self._clock.now_unix_ms() - int(LATE_EVENT_PATIENCE_S * 1000)
        table = push_events.c
        statement = (
            _SELECTED.where(table.topic == topic)
            .where(
                or_(
                    table.id > last_event_id,
                    (table.id > last_event_id - REPLAY_OVERLAP_EVENTS)
                    & (table.id != last_event_id)
                    & (table.created_at_unix_ms > recent_unix_ms),
                )
            )
            .order_by(table.id)
            .limit(MAX_REPLAY_EVENTS + 1)
        )
        return list(connection.execute(statement))

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)


def _last_id(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(push_events.c.id), 0))).scalar_one())


def _after(connection: Connection, cursor: int, limit: int, *, late: Iterable[int]) -> list[Row[Any]]:
    table = push_events.c
    condition = table.id > cursor
    if numbers := sorted(late):
        condition = or_(condition, table.id.in_(numbers[-MAX_EVENTS_PER_LOOK:]))
    return list(connection.execute(_SELECTED.where(condition).order_by(table.id).limit(limit)))


def _event(row: Row[Any]) -> PushEvent:
    """Raises TypeError or ValueError when the row says no event."""
    data = json.loads(row.data)
    if not isinstance(data, dict):
        raise TypeError("an event's data is an object")
    return PushEvent(row.id, row.topic, row.kind, data)


def _plain(payload: Any) -> dict[str, Any]:
    """As `dataclasses.asdict`, which looks at every word twice and costs more than all else of an event."""
    return {
        name: value if type(value) in _AS_THEY_ARE else _plain(value) if is_dataclass(value) else value
        for name, value in vars(payload).items()
    }


def _on_loop(stream: _Stream, action: Any, *arguments: Any) -> None:
    try:
        stream.loop.call_soon_threadsafe(action, *arguments)
    except RuntimeError:  # the loop is closed: its page is gone
        log.debug("push.stream_loop_closed")


def to_members(payload: ForMember) -> Event:
    """An event for all members at once: nothing of one person. Who comes back reads everything anyway."""
    return Event(MEMBERS_TOPIC, payload)
