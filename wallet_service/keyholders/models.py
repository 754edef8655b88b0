"""Who may spend what of somebody's account, until when: frozen dataclasses. Pure.

Amounts are integer cents, ends unix seconds; 0 is no such limit, as on the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wallet_service.accounts.models import KeyLimits
from wallet_service.members.additions import SignedAddition


class KeyholderKind(StrEnum):
    """A joint holder has all of the account's power; the others pay within limits and do nothing else."""

    CHILD = "child"
    HELPER = "helper"
    JOINT = "joint"


class KeyholderState(StrEnum):
    """The transitions are in `decisions`."""

    INVITED = "invited"  # a code waits for the other phone
    JOINED = "joined"  # the other phone has answered with its key
    ADDING = "adding"  # the account's word is on its way to the ledger
    ACTIVE = "active"  # the ledger knows the key
    ENDED = "ended"


class EndedBy(StrEnum):
    """Whose doing it was that a key pays no more."""

    HOLDER = "holder"
    SELF = "self"  # whoever pays by it gave it back
    TIME = "time"
    RECOVERY = "recovery"
    CLOSING = "closing"
    LEDGER = "ledger"  # refused, or taken away by somebody else's transaction


@dataclass(frozen=True, slots=True)
class Keyholder:
    """Somebody with a key to a member's account, or an invitation of one.

    `invitation`: SHA-256 of a code that only the two phones know. `name`: personal, as the member calls them.
    """

    id: str
    member_id: str
    kind: KeyholderKind
    state: KeyholderState
    limits: KeyLimits
    invitation: str
    old_public_key: str
    public_key: str | None
    signer_address: str | None
    device_id: str | None
    label: str
    invitation_ends_at_unix_ms: int
    created_at_unix_ms: int
    added_at_unix_ms: int | None
    ended_at_unix_ms: int | None
    ended_by: EndedBy | None
    refused_at_unix_ms: int | None
    refused_code: str | None
    refused_cents: int | None

    @property
    def is_limited(self) -> bool:
        return self.kind is not KeyholderKind.JOINT


@dataclass(frozen=True, slots=True)
class KeyPower:
    """What a payment signed by that key is judged by. `spent_today_cents` since midnight UTC."""

    keyholder_id: str
    member_id: str
    kind: KeyholderKind
    state: KeyholderState
    limits: KeyLimits
    spent_today_cents: int
    #: When the holder was last told of a refusal of this key; None: never.
    refused_at_unix_ms: int | None = None

    @property
    def is_limited(self) -> bool:
        return self.kind is not KeyholderKind.JOINT


@dataclass(frozen=True, slots=True)
class KeyPayment:
    """What somebody paid by their key to another's account. `payee_name`: as screens call the payee."""

    ref: str
    amount_cents: int
    state: str
    at_unix_ms: int
    payee_name: str | None
    refusal_code: str | None


@dataclass(frozen=True, slots=True)
class SeenKeyholder:
    """As the account's own holder sees them; `name` is None where it can be read no more."""

    keyholder: Keyholder
    name: str | None
    spent_today_cents: int
    last_payment: KeyPayment | None


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """As whoever holds the limited key sees the account: what they may do, and what they did.

    `can_spend_cents`: of one payment now, whatever stands in its way; no more is said of the balance.
    """

    keyholder_id: str
    account_address: str
    holder_name: str | None
    kind: KeyholderKind
    limits: KeyLimits
    spent_today_cents: int
    can_spend_cents: int
    next_nonce: int
    payments_stopped: bool
    is_frozen: bool
    payments: tuple[KeyPayment, ...]


@dataclass(frozen=True)
class InvitationAsked:
    """`proof`: base64url r ‖ s by the holder's key over ``alba-keyholder:open:`` + invitation."""

    invitation: str
    public_key: str
    proof: str
    kind: KeyholderKind
    name: str
    limits: KeyLimits

    def message(self) -> bytes:
        return f"alba-keyholder:open:{self.invitation}".encode()


@dataclass(frozen=True)
class InvitationJoined:
    """`proof`: by the new key over ``alba-keyholder:join:`` + invitation + ``:`` + its public key."""

    invitation: str
    public_key: str
    proof: str
    label: str

    def message(self) -> bytes:
        return f"alba-keyholder:join:{self.invitation}:{self.public_key}".encode()


@dataclass(frozen=True)
class SeenInvitation:
    """What the other phone is shown before and after its answer. `holder_name` is personal."""

    keyholder: Keyholder
    holder_name: str | None


@dataclass(frozen=True)
class KeyholderApproved:
    """The holder's yes to one key, once the words were compared."""

    keyholder_id: str
    public_key: str
    addition: SignedAddition
