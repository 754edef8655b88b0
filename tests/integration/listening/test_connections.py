"""Connections that send nothing, half a header, half a body, or read nothing: closed, over a real socket."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from tests.support.ports import free_port
from wallet_service.listening.connections import ConnectionBounds, server_config

DEADLINE_S = 10.0
SHORT_S, LONG_S = 0.15, 60.0
#: Every other bound is so long that only the one in question can close the connection.
LONG = {"header_s": LONG_S, "body_s": LONG_S, "idle_s": LONG_S, "unread_s": LONG_S}
HEADER = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, answers its length; /large answers more than a socket holds."""
    assert scope["type"] == "http"
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    content = b"x" * 50_000_000 if scope["path"] == "/large" else str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": content})


Connect = Callable[[], socket.socket]


@contextmanager
def served(bounds: ConnectionBounds) -> Iterator[Connect]:
    port = free_port()
    config = server_config(
        _app, bounds, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=0
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline_s = time.monotonic() + DEADLINE_S
    while not server.started:
        assert time.monotonic() < deadline_s, "the server did not start"
        time.sleep(0.01)
    try:
        yield lambda: socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)


def bounds_with(**short: Any) -> ConnectionBounds:
    return ConnectionBounds(**{**LONG, **short})


def is_closed(connection: socket.socket) -> bool:
    """Reads what comes until the other end closes; raises TimeoutError when it does not."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize(
    ("sent", "bound"),
    [
        (b"", "header_s"),
        (b"GET / HTTP/1.1\r\nHost: local", "header_s"),
        (HEADER, "body_s"),
        (HEADER + b"half", "body_s"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "body_s"),
        (GET, "idle_s"),
        (GET + b"GET / HT", "header_s"),
        (b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", "unread_s"),
    ],
)
def test_a_connection_that_goes_no_further_is_closed(sent: bytes, bound: str) -> None:
    with served(bounds_with(**{bound: SHORT_S})) as connect, connect() as connection:
        connection.sendall(sent)
        if bound == "unread_s":
            _wait_for_reset(connection)
        assert is_closed(connection)


def _wait_for_reset(connection: socket.socket) -> None:
    """Without reading anything: until the other end gave up, which a further request meets."""
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        try:
            connection.sendall(b"\r\n")
        except OSError:
            return
        time.sleep(0.02)
    raise AssertionError("the connection is still open")


def test_a_header_without_end_is_cut_at_its_size() -> None:
    with served(bounds_with(header_bytes=2_048)) as connect, connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            _send_fields(connection)


def _send_fields(connection: socket.socket) -> None:
    for number in range(10_000):
        connection.sendall(b"X-%d: %s\r\n" % (number, b"a" * 1_000))


def test_one_connection_too_many_is_refused_and_the_others_go_on() -> None:
    with served(bounds_with(connections=2)) as connect, connect() as first, connect() as second:
        first.sendall(GET)
        second.sendall(GET)
        assert first.recv(65_536)
        assert second.recv(65_536)
        with connect() as third:
            assert is_closed(third)
        first.sendall(GET)
        assert first.recv(65_536)


def test_a_connection_that_ends_makes_room() -> None:
    with served(bounds_with(connections=1)) as connect:
        with connect() as first:
            first.sendall(GET)
            assert first.recv(65_536)
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            with connect() as second:
                try:
                    second.sendall(GET)
                    if second.recv(65_536):
                        return
                except ConnectionError:
                    pass
            assert time.monotonic() < deadline_s, "no room again"


def test_nobody_is_made_a_websocket_nor_another_client() -> None:
    config = server_config(_app, ConnectionBounds())
    config.load()
    assert config.ws_protocol_class is None
    assert config.loaded_app is _app  # no middleware of uvicorn's around it believes a header
