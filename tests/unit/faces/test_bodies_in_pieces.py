"""A body is looked at as it arrives: whatever the pieces, a NUL written in it is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from wallet_service.faces.shell import errors
from wallet_service.faces.shell.middleware import NUL_WRITTEN, GuardMiddleware

HOST = (b"host", b"localhost")


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


async def read_through(body: bytes, size: int, media_type: str) -> bytes:
    """What an app behind the guard receives."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces(body, size)]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    received: list[bytes] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            received.append(message["body"])
            more = message["more_body"]

    headers = [HOST, (b"content-type", media_type.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    guard = GuardMiddleware(app, origin="http://localhost", hosts={"localhost"}, owner=None)
    await guard(scope, receive, _unsent)
    return b"".join(received)


async def _unsent(message: Any) -> None:
    raise AssertionError("the guard answers nothing here")


@pytest.mark.parametrize("media_type", NUL_WRITTEN)
@pytest.mark.parametrize("size", [1, 2, 5, 1_000])
def test_a_nul_is_seen_however_the_body_is_cut(media_type: str, size: int) -> None:
    body = b"name=Fournil" + NUL_WRITTEN[media_type] + b"des Rives"
    with pytest.raises(errors.RequestRefused):
        asyncio.run(read_through(body, size, media_type))


@pytest.mark.parametrize("media_type", ["multipart/form-data", "image/png", *NUL_WRITTEN])
@pytest.mark.parametrize("size", [1, 1_000])
def test_everything_else_passes_as_it_came(media_type: str, size: int) -> None:
    body = b"\0 a picture, 100 % \\u0001 and %01"
    assert asyncio.run(read_through(body, size, media_type)) == body
