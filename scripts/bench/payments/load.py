"""The payments' generator: a process of its own that sends each request when it is due.

Open loop: arrivals do not wait for answers, so what the service makes people wait is counted from the moment
a request was due, also while it waits here for a connection. Called by `measure`; reads a plan and writes
what it saw, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import uvloop

from wallet_service.listening.open_files import need_open_files

LOOPBACK = "127.0.0.1"
#: After the last request was due.
PATIENCE_S = 15.0
TICK_S = 0.002
OWN_FILES = 8_192


@dataclass
class Plan:
    """`requests` are sent one every 1/`per_s` seconds from `start_unix_s` on."""

    port: int
    per_s: float
    connections: int
    start_unix_s: float
    requests: Sequence[str]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="ascii")


@dataclass
class _Seen:
    statuses: list[int]
    answered_s: list[float]  # since it was due
    refusals: dict[str, int] = field(default_factory=dict)
    retry_after: int = 0
    left: int = 0


class _Connection(asyncio.Protocol):
    """One request at a time; answers are taken apart no further than needed."""

    def __init__(self, generator: _Generator) -> None:
        self._generator = generator
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._number = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of no class of asyncio
        self._generator.is_idle(self)

    def send(self, number: int, request: bytes) -> None:
        assert self._transport is not None
        self._number = number
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : (head + b"\r\n").index(b"\r\n", start)])
        if len(self._buffer) < head_end + 4 + length:
            return
        body, self._buffer = self._buffer[head_end + 4 :], b""
        number, self._number = self._number, -1
        self._generator.is_answered(number, int(head[9:12]), body, b"retry-after:" in head)
        if b"connection: close" in head:
            assert self._transport is not None
            self._transport.close()
        else:
            self._generator.is_idle(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._generator.is_lost(self, self._number)


class _Generator:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        count = len(plan.requests)
        self.seen = _Seen([0] * count, [0.0] * count, left=count)
        self._idle: deque[_Connection] = deque()
        self._due: deque[int] = deque()
        self._next = 0
        self._done = asyncio.Event()
        self._open = self._opening = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        await asyncio.sleep(max(0.0, self._plan.start_unix_s - time.time()))
        last_s = self._plan.start_unix_s + len(self._plan.requests) / self._plan.per_s
        while not self._done.is_set() and time.time() < last_s + PATIENCE_S:
            due = min(
                len(self._plan.requests), int((time.time() - self._plan.start_unix_s) * self._plan.per_s)
            )
            while self._next < due:
                self._due.append(self._next)
                self._next += 1
            self._send()
            await asyncio.sleep(TICK_S)

    def _send(self) -> None:
        """Over the connection that was used last, so that those of a peak end by themselves, or a new one."""
        while self._due and self._idle:
            number = self._due.popleft()
            self._idle.pop().send(number, self._plan.requests[number].encode("ascii"))
        for _ in range(min(len(self._due) - self._opening, self._plan.connections - self._open)):
            self._open += 1
            self._opening += 1
            task = asyncio.get_running_loop().create_task(self._connect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Connection(self), LOOPBACK, self._plan.port)
        except OSError:
            self._open -= 1
        finally:
            self._opening -= 1

    def is_idle(self, connection: _Connection) -> None:
        self._idle.append(connection)
        self._send()

    def is_lost(self, connection: _Connection, number: int) -> None:
        self._open -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        if number >= 0:
            self._note(number, -1)

    def is_answered(self, number: int, status: int, body: bytes, has_retry_after: bool) -> None:
        if status != 202:
            code = str(json.loads(body).get("code", status)) if body[:1] == b"{" else str(status)
            self.seen.refusals[code] = self.seen.refusals.get(code, 0) + 1
            self.seen.retry_after += has_retry_after
        self._note(number, status)

    def _note(self, number: int, status: int) -> None:
        self.seen.statuses[number] = status
        self.seen.answered_s[number] = time.time() - self._plan.start_unix_s - number / self._plan.per_s
        self.seen.left -= 1
        if self.seen.left == 0:
            self._done.set()


def main() -> None:
    need_open_files(OWN_FILES)
    plan_file, result_file = map(Path, sys.argv[1:3])
    plan = Plan(**json.loads(plan_file.read_text(encoding="ascii")))
    generator = _Generator(plan)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(generator.run())
    seen = generator.seen
    result_file.write_text(
        json.dumps(
            {
                "statuses": seen.statuses,
                "answered_s": seen.answered_s,
                "refusals": seen.refusals,
                "retry_after": seen.retry_after,
                "processor_s": time.process_time(),
            }
        )
    )


if __name__ == "__main__":
    main()
