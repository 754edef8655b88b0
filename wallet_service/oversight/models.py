"""Freezes, approvals and stops as plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

Stoppable = Literal["payments", "issuing", "redeeming"]
#: The contract's bits (`stop(uint8 what)`).
STOP_BITS: dict[Stoppable, int] = {"payments": 1, "issuing": 2, "redeeming": 4}


class FreezeState(StrEnum):
    ASKED = "asked"
    ACTIVE = "active"
    LIFTED = "lifted"
    EXPIRED = "expired"
    FAILED = "failed"


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class FreezeOrder:
    """What an officer asks: the directions, the ground, and when it ends (unix seconds)."""

    member_id: str
    incoming: bool
    outgoing: bool
    ground: str
    until_unix_s: int


@dataclass(frozen=True, slots=True)
class Freeze:
    id: str
    member_id: str
    incoming: bool
    outgoing: bool
    ground: str
    ground_hash: str
    until_unix_s: int
    state: FreezeState
    asked_by: str
    asked_at_unix_ms: int
    lifted_by: str | None
    lifted_at_unix_ms: int | None
    failure: str | None

    @property
    def is_open(self) -> bool:
        return self.state in (FreezeState.ASKED, FreezeState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Approval:
    """An act that waits for a second officer. `act` is a stable code, e.g. ``payments.resume``."""

    id: str
    act: str
    subject_id: str | None
    details: Mapping[str, Any]
    ground: str
    state: ApprovalState
    asked_by: str
    asked_at_unix_ms: int
    decided_by: str | None
    decided_at_unix_ms: int | None


@dataclass(frozen=True, slots=True)
class FrozenMember:
    """What a freeze must know of a member."""

    id: str
    account_address: str
    state: str
    frozen_incoming: bool
    frozen_outgoing: bool
