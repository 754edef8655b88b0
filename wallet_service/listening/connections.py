"""What one connection may cost: time for its header, body and silence, and how many there may be.

uvicorn bounds the silence after an answer only; whoever sends nothing, half a header or half a body would
hold a connection, and a file, for ever. Owns uvicorn's options that both programs share.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True)
class ConnectionBounds:
    """Seconds and bytes of one connection; `connections` at a time."""

    #: From the connection, or from a request's first byte, to the end of its header.
    header_s: float = 10.0
    header_bytes: int = 32 * 1024
    #: For a body, and a second more for every `body_bytes_per_s` that came: a weak phone's upload passes.
    body_s: float = 20.0
    body_bytes_per_s: int = 16 * 1024
    #: Between an answer and the next request.
    idle_s: float = 30.0
    #: With an answer under way that the other end does not read.
    unread_s: float = 60.0
    connections: int = 5_000


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's HTTP with `bounds`; a connection that passes one is closed, with or without an answer."""

    bounds: ClassVar[ConnectionBounds] = ConnectionBounds()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuses one too many at once: it costs no request, and the file is free again."""
        self._reading: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._body_started_s: float | None = None
        self._received_bytes = 0
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            transport.abort()
            return
        self._wait_for_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_reading()
        self._forget_unread()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._reading is None:
            self._wait_for_header()
        if self._body_started_s is None and self._received_bytes > self.bounds.header_bytes:
            self._end()
            return
        self._received_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        if self._reading is None:  # in one piece with the end of the request before
            self._wait_for_header()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._forget_reading()
        self._body_started_s = self.loop.time()
        self._received_bytes = 0
        self._reading = self.loop.call_later(self.bounds.body_s, self._check_body)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._forget_reading()
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._forget_unread()
        self._unread = self.loop.call_later(self.bounds.unread_s, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._forget_unread()
        super().resume_writing()

    def _wait_for_header(self) -> None:
        self._reading = self.loop.call_later(self.bounds.header_s, self._end)

    def _check_body(self) -> None:
        """At the end of the time the body had so far: more has come meanwhile, or it is over."""
        assert self._body_started_s is not None
        earned_s = self._received_bytes / self.bounds.body_bytes_per_s
        left_s = self._body_started_s + self.bounds.body_s + earned_s - self.loop.time()
        if left_s <= 0:
            self._end()
        else:
            self._reading = self.loop.call_later(left_s, self._check_body)

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _forget_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reading, self._body_started_s, self._received_bytes = None, None, 0

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
        self._unread = None


def server_config(app: Any, bounds: ConnectionBounds, **options: Any) -> uvicorn.Config:
    """uvicorn's configuration of `app`: bounded, without WebSockets, believing no header about its client."""
    protocol = type("BoundedHttp", (BoundedHttp,), {"bounds": bounds})
    idle_s: Any = bounds.idle_s  # whole seconds by uvicorn's type alone
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        timeout_keep_alive=idle_s,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        **options,
    )
