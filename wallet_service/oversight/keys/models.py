"""A suspended key, as asked and as the ledger says it. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SuspensionState(StrEnum):
    """asked: on its way to the ledger. failed: the ledger refused it, nothing is suspended by it.

    Whatever the state, a suspension is over at its end, without a word of anybody's.
    """

    ASKED = "asked"
    ACTIVE = "active"
    RELEASED = "released"
    FAILED = "failed"


#: Those that are in force here, until their end.
OPEN = (SuspensionState.ASKED, SuspensionState.ACTIVE)


@dataclass(frozen=True, slots=True)
class SuspensionOrder:
    """What an officer asks: which device of whom, for how many days, on what ground."""

    member_id: str
    device_id: str
    days: int
    ground: str


@dataclass(frozen=True, slots=True)
class KeySuspension:
    """`ground` and `asked_by` are None of one that the ledger has and nobody asked for here.

    `released_by`: who asked to release it; it stays in force until the ledger says so.
    """

    id: str
    member_id: str
    signer_address: str
    ground: str | None
    ground_hash: str
    until_unix_s: int
    asked_by: str | None
    state: SuspensionState
    asked_at_unix_ms: int
    released_by: str | None
    released_at_unix_ms: int | None
    failure: str | None

    def is_in_force(self, now_unix_s: int) -> bool:
        return self.state in OPEN and now_unix_s < self.until_unix_s

    def shown_state(self, now_unix_s: int) -> str:
        """The state in words of its own: one whose end has passed is `ended`."""
        return "ended" if self.state in OPEN and not self.is_in_force(now_unix_s) else self.state.value


@dataclass(frozen=True, slots=True)
class SuspendedOnLedger:
    """What `KeySuspended` says, and where it said so; times in unix seconds."""

    signer_address: str
    until_unix_s: int
    ground_hash: str
    block_number: int
    at_unix_s: int
