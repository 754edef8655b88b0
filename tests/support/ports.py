"""Ports for the servers of tests, below those that the kernel gives to outgoing connections.

A port that was free a moment ago is not taken by somebody's call meanwhile.
"""

from __future__ import annotations

import random
import socket

FIRST, LAST = 10_240, 32_000
#: Not the seeded one, whose numbers are the same in every process of a run.
_chance = random.SystemRandom()


def free_port() -> int:
    """A TCP port that nothing listens on, on loopback."""
    while True:
        port = _chance.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
