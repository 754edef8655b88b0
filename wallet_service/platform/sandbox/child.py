"""The program of a sandbox's process: imports once, then forks a runner for each piece of work.

Started by `platform.sandbox.pool` with its bounds as argument and a socket to the service as standard input.
The process itself passes content and answers on without looking at them: only its runners decode anything,
each one piece of work, and what is done to one by what it reads ends with it. The process ends when the
service's end of the socket closes, whatever ended the service, and ends its runner before. Knows no subject.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum

from wallet_service.protocol.refusal import Refusal

#: Length of the function's name, length of the content; both follow.
REQUEST_HEAD = struct.Struct(">HQ")
#: Outcome, length of what is said of it; that follows.
ANSWER_HEAD = struct.Struct(">BQ")
READ_BYTES = 1024 * 1024
#: The service's own threads come first when processors are short.
NICENESS = 10
MAX_OPEN_FILES = 64
#: From the runner's last word to its end.
MAX_PARTING_S = 1.0


class Outcome(IntEnum):
    """READY is said once after the imports; the others answer one request each."""

    READY = 0
    DONE = 1
    REFUSED = 2
    KILLED = 3
    FAILED = 4


@dataclass(frozen=True)
class Bounds:
    """What one piece of work may cost.

    Attributes:
        memory_bytes: address space of the runner, interpreter and libraries included.
        cpu_s: processor time; whole seconds, as the kernel counts.
        wall_s: time on the clock.
        answer_bytes: the longest answer.
        modules: imported once, before the first work, so that no runner pays for it.
        variables: names of the service's environment that the modules read; they get no others.
    """

    memory_bytes: int
    cpu_s: int
    wall_s: int
    answer_bytes: int
    modules: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def to_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Bounds:
        read = json.loads(text)
        read["modules"], read["variables"] = tuple(read["modules"]), tuple(read["variables"])
        return cls(**read)


def function_named(name: str) -> Callable[[bytes], bytes]:
    """`package.module:function`. Raises ImportError or AttributeError."""
    module, _, function = name.partition(":")
    found: Callable[[bytes], bytes] = getattr(importlib.import_module(module), function)
    return found


def main(arguments: list[str]) -> int:
    bounds = Bounds.from_text(arguments[0])
    for module in bounds.modules:
        importlib.import_module(module)
    os.nice(NICENESS)
    service = socket.socket(fileno=sys.stdin.fileno())
    with contextlib.suppress(ConnectionError):
        _send(service, Outcome.READY, b"")
        while (request := _request(service)) is not None:
            answer = _attempt(service, *request, bounds)
            if answer is None:
                break
            _send(service, *answer)
    return 0


def _request(service: socket.socket) -> tuple[str, bytes] | None:
    """The next function and content; None when the service has hung up."""
    head = _read(service, REQUEST_HEAD.size)
    if head is None:
        return None
    name_length, content_length = REQUEST_HEAD.unpack(head)
    name, content = _read(service, name_length), _read(service, content_length)
    return None if name is None or content is None else (name.decode(), content)


def _read(service: socket.socket, length: int) -> bytes | None:
    read = bytearray()
    while len(read) < length:
        part = service.recv(min(READ_BYTES, length - len(read)))
        if not part:
            return None
        read += part
    return bytes(read)


def _send(service: socket.socket, outcome: Outcome, payload: bytes) -> None:
    service.sendall(ANSWER_HEAD.pack(outcome, len(payload)) + payload)


def _attempt(
    service: socket.socket, name: str, content: bytes, bounds: Bounds
) -> tuple[Outcome, bytes] | None:
    """What became of the work; None when the service hung up meanwhile."""
    reading, writing = os.pipe()
    runner = os.fork()
    if runner == 0:
        service.close()
        os.close(reading)
        _be_the_runner(writing, name, content, bounds)
    os.close(writing)
    is_whole = False
    try:
        payload, is_whole = _listen(service, reading, bounds)
    finally:
        os.close(reading)
        status = _end(runner, MAX_PARTING_S if is_whole else 0)
    if payload is None:
        return None
    if not is_whole or status != 0 or not payload:
        return Outcome.KILLED, _why(is_whole, status, payload).encode()
    return Outcome(payload[0]), bytes(payload[1:])


def _end(runner: int, patience_s: float) -> int:
    """The runner's exit status, after so long at most: then it is killed."""
    watched = os.pidfd_open(runner)
    try:
        select.select([watched], [], [], patience_s)
    finally:
        os.close(watched)
    os.kill(runner, signal.SIGKILL)  # nothing to one that has ended and was not waited for
    return os.waitpid(runner, 0)[1]


def _listen(service: socket.socket, reading: int, bounds: Bounds) -> tuple[bytearray | None, bool]:
    """What the runner wrote and whether it came to its end; (None, False) when the service hung up."""
    payload, deadline_s = bytearray(), time.monotonic() + bounds.wall_s
    while (left_s := deadline_s - time.monotonic()) > 0:
        readable, _, _ = select.select([service.fileno(), reading], [], [], left_s)
        if service.fileno() in readable:  # it says nothing while it waits: this is its end
            return None, False
        if reading in readable:
            part = os.read(reading, READ_BYTES)
            if not part:
                return payload, True
            payload += part
            if len(payload) > bounds.answer_bytes + 1:
                return payload, False
    return bytearray(), False


def _why(is_whole: bool, status: int, payload: bytearray) -> str:
    if not is_whole:
        return "answer too long" if payload else "time"
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit {os.waitstatus_to_exitcode(status)}"


def _be_the_runner(writing: int, name: str, content: bytes, bounds: Bounds) -> None:
    """Does the work within the bounds, writes what came of it and ends the process."""
    try:
        _bind(bounds)
        outcome, payload = _work(name, content)
        with open(writing, "wb", closefd=False) as pipe:
            pipe.write(bytes([outcome]) + payload)
        os._exit(0)
    except BaseException:
        os._exit(1)


def _bind(bounds: Bounds) -> None:
    """The kernel's limits; none of them can be taken back by what the runner runs.

    The alarm ends a runner whose parent was killed: it outlives nobody by more than its own time.
    """
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    for what, soft, hard in (
        (resource.RLIMIT_AS, bounds.memory_bytes, bounds.memory_bytes),
        (resource.RLIMIT_CPU, bounds.cpu_s, bounds.cpu_s + 1),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES, MAX_OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NPROC, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.alarm(bounds.wall_s + 1)


def _work(name: str, content: bytes) -> tuple[Outcome, bytes]:
    try:
        return Outcome.DONE, function_named(name)(content)
    except Refusal as refusal:
        return Outcome.REFUSED, json.dumps({"code": refusal.code, "values": refusal.values}).encode()
    except MemoryError:
        return Outcome.KILLED, b"memory"
    except Exception as error:  # the message may hold what the content held: only its kind and place leave
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        location = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
        return Outcome.FAILED, f"{type(error).__name__} in {name}, {location}".encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
