"""When a connection's time is over, by a clock of the test's own; sockets: tests/integration/listening."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from uvicorn.server import ServerState

from wallet_service.listening.connections import BoundedHttp, ConnectionBounds, server_config

BOUNDS = ConnectionBounds(header_s=10, body_s=20, body_bytes_per_s=100, idle_s=30, unread_s=60)
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"


@dataclass
class Timer:
    at_s: float
    act: Callable[..., Any]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class Loop:
    """An event loop's clock and timers, moved by hand; requests are begun and never answered."""

    now_s: float = 1_000.0
    timers: list[Timer] = field(default_factory=list)

    def time(self) -> float:
        return self.now_s

    def call_later(self, delay_s: float, act: Callable[..., Any]) -> Timer:
        self.timers.append(Timer(self.now_s + delay_s, act))
        return self.timers[-1]

    def create_task(self, request: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        request.close()
        return cast("asyncio.Future[None]", _Task())

    def pass_time(self, duration_s: float) -> None:
        until_s = self.now_s + duration_s
        while due := [one for one in self.timers if not one.is_cancelled and one.at_s <= until_s]:
            first = min(due, key=lambda one: one.at_s)
            self.timers.remove(first)
            self.now_s = first.at_s
            first.act()
        self.now_s = until_s


class _Task:
    def add_done_callback(self, act: Any) -> None: ...


@dataclass
class Wire:
    """A transport that only knows whether it is open."""

    is_open: bool = True

    def is_closing(self) -> bool:
        return not self.is_open

    def close(self) -> None:
        self.is_open = False

    abort = close

    def get_extra_info(self, name: str) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


@dataclass
class Line:
    """One connection, made at once."""

    bounds: ConnectionBounds = BOUNDS
    loop: Loop = field(default_factory=Loop)
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        config = server_config(_never, self.bounds)
        config.load()
        protocol = cast("type[BoundedHttp]", config.http_protocol_class)
        self.http = protocol(config, ServerState(), {}, cast("Any", self.loop))
        self.http.connection_made(cast("asyncio.Transport", self.wire))

    def is_open_after(self, duration_s: float) -> bool:
        self.loop.pass_time(duration_s)
        return self.wire.is_open


async def _never(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("begun, not run")


def test_silence_ends_with_the_headers_time() -> None:
    line = Line()
    assert line.is_open_after(9.9)
    assert not line.is_open_after(0.2)


def test_bytes_of_a_header_buy_no_time() -> None:
    line = Line()
    for byte in GET[:9]:
        line.http.data_received(bytes([byte]))
        line.loop.pass_time(1)
    assert line.wire.is_open
    assert not line.is_open_after(1.1)


def test_a_request_under_way_has_no_such_time() -> None:
    line = Line()
    line.http.data_received(GET)
    assert line.is_open_after(3_600)


def test_a_body_that_comes_slowly_enough_is_over() -> None:
    line = Line()
    line.http.data_received(POST)
    line.http.data_received(b"x" * 50)
    assert line.is_open_after(20.4)
    assert not line.is_open_after(0.2)


def test_a_body_that_keeps_coming_has_its_time() -> None:
    line = Line()
    line.http.data_received(POST)
    for _ in range(100):
        line.http.data_received(b"x" * 200)
        line.loop.pass_time(1)
    assert line.wire.is_open


def test_the_next_request_has_a_header_time_of_its_own() -> None:
    line = Line()
    line.http.data_received(GET)
    line.loop.pass_time(100)
    line.http.data_received(b"GET /")
    assert line.is_open_after(9.9)
    assert not line.is_open_after(0.2)


@pytest.mark.parametrize(("reads_after_s", "is_open"), [(59, True), (61, False)])
def test_an_answer_that_nobody_reads_is_given_up(reads_after_s: int, is_open: bool) -> None:
    line = Line()
    line.http.data_received(GET)
    line.http.pause_writing()
    line.loop.pass_time(reads_after_s)
    line.http.resume_writing()
    assert line.is_open_after(100) is is_open


def test_a_connection_that_ended_leaves_no_timer() -> None:
    line = Line()
    line.http.data_received(POST)
    line.http.pause_writing()
    line.http.connection_lost(None)
    assert [one for one in line.loop.timers if not one.is_cancelled] == []
