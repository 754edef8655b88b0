"""A move of a wallet: two keys that are to meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wallet_service.members.additions import SignedAddition

MoveState = Literal["open", "joined", "done", "ended"]


@dataclass(frozen=True)
class Move:
    """`id` is the hash of a code that only the two phones know; keys are points, 0x hex of x ‖ y."""

    id: str
    member_id: str
    old_public_key: str
    new_public_key: str | None
    label: str
    state: MoveState
    expires_at_unix_ms: int


@dataclass(frozen=True)
class MoveAsked:
    """The old phone's request. `proof`: base64url r ‖ s by its key over ``alba-move:open:`` + id."""

    id: str
    public_key: str
    proof: str

    def message(self) -> bytes:
        return f"alba-move:open:{self.id}".encode()


@dataclass(frozen=True)
class MoveJoined:
    """The new phone's answer. `proof`: by its key over ``alba-move:join:`` + id + ``:`` + its public key."""

    id: str
    public_key: str
    proof: str
    label: str

    def message(self) -> bytes:
        return f"alba-move:join:{self.id}:{self.public_key}".encode()


@dataclass(frozen=True)
class MoveApproved:
    """The old phone's yes to one key, after its person compared the words: what the ledger asks for."""

    id: str
    new_public_key: str
    addition: SignedAddition
