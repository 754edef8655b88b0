"""What the ledger says once it has done what compliance, or whoever stops, asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wallet_service.oversight.models import STOP_BITS

#: Of a command: the event's name, and its arguments' names.
EVENTS = {
    "freeze": ("Frozen", ("account", "incoming", "outgoing", "groundHash", "until")),
    "unfreeze": ("Unfrozen", ("account", "groundHash")),
    "suspendKey": ("KeySuspended", ("account", "signer", "until", "groundHash")),
    "releaseKey": ("KeyReleased", ("account", "groundHash")),
}


def event_of(command: Any, stopped: Mapping[str, bool]) -> tuple[str, dict[str, Any]] | None:
    """`stopped`: what was before. None for other commands."""
    arguments = command.arguments
    if command.kind in EVENTS:
        name, names = EVENTS[command.kind]
        return name, dict(zip(names, arguments, strict=True))
    if command.kind in ("stop", "resume"):
        bits = sum(bit for name, bit in STOP_BITS.items() if stopped[name])
        bits = bits | arguments[0] if command.kind == "stop" else bits & ~arguments[0]
        return "Stopped" if command.kind == "stop" else "Resumed", {"what": arguments[0], "stops": bits}
    return None
