"""What tests run in a sandbox: work that is good, refused, heavy, endless, mistaken or hostile."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

from wallet_service.protocol.errors import AmountInvalid, AmountOutOfRange

_SEEN: list[bytes] = []
#: Any two refusals: ones of the tests' own would stand in the list of all refusals.
Declared, TooHeavy = AmountInvalid, AmountOutOfRange


def upper(content: bytes) -> bytes:
    return content.upper()


def refuse(content: bytes) -> bytes:
    raise Declared(limit=7, name="été")


def take_memory(content: bytes) -> bytes:
    return bytes(bytearray(int(content)))[:1]


def crash(content: bytes) -> bytes:
    """Like a decoder written in C that was led astray: it writes where there is no memory."""
    ctypes.CDLL(None).memset(ctypes.c_void_p(16), 0, 1)
    return b"unreachable"


def spin(content: bytes) -> bytes:
    while True:
        pass


def sleep(content: bytes) -> bytes:
    time.sleep(float(content))
    return b"woken"


def sleep_unwakeable(content: bytes) -> bytes:
    """Ignores what can be ignored and lets its answer's pipe go, as something hostile would."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.alarm(0)
    os.closerange(3, 64)
    time.sleep(float(content))
    return b"woken"


def answer_length(content: bytes) -> bytes:
    return bytes(int(content))


def die(content: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b"unreachable"


def mistake(content: bytes) -> bytes:
    raise KeyError(content.decode())


def count(content: bytes) -> bytes:
    _SEEN.append(content)
    return str(len(_SEEN)).encode()


def what_is_in_reach(content: bytes) -> bytes:
    try:
        with open(content, "wb") as file:
            file.write(b"x")
        can_write = True
    except OSError:
        can_write = False
    return json.dumps(
        {
            "environment": sorted(os.environ),
            "files": sorted(os.readlink(f"/proc/self/fd/{name}") for name in _open_files()),
            "can_write": can_write,
            "niceness": os.nice(0),
            "modules": sorted(name for name in sys.modules if name.startswith("wallet_service.")),
        }
    ).encode()


def _open_files() -> list[str]:
    return [name for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")]
