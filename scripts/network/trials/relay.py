"""Carries bytes between addresses: python -m scripts.network.trials.relay tcp:9651=unix:/run/a ...

Each argument is where it listens and whither it carries, `tcp:` a port of 127.0.0.1, `unix:` a file. What
stands on both sides of a network of its own is joined by two of these, and parted by stopping one.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.network.layout import HOST

PIECE_BYTES = 65_536
UNIX = "unix"


async def serve(pairs: Sequence[str]) -> None:
    """For ever."""
    await asyncio.gather(*(_carry(*pair.split("=")) for pair in pairs))


async def _carry(listen: str, target: str) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await _connect(target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    kind, _, place = listen.partition(":")
    if kind == UNIX:
        Path(place).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(accept, place)
    else:
        server = await asyncio.start_server(accept, HOST, int(place))
    await server.serve_forever()


async def _connect(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    kind, _, place = target.partition(":")
    if kind == UNIX:
        return await asyncio.open_unix_connection(place)
    return await asyncio.open_connection(HOST, int(place))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
