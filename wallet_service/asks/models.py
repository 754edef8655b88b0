"""Asks for money and sends between people, as frozen data. Pure.

An *ask* is somebody's wish to be paid, or to pay; a *part* is what one person is to pay of it. A send is an
ask its creator pays. Amounts are cents, times say their unit in their name; names and texts are personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wallet_service.asks.states import PartState, ShownPartState
from wallet_service.contacts.models import NamedPerson


class AskKind(StrEnum):
    ASK = "ask"  # its creator is to be paid
    SEND = "send"  # its creator is to pay


class PartWay(StrEnum):
    """How somebody comes to a part."""

    MEMBER = "member"  # a member its creator knows
    LINK = "link"  # whoever is given the link
    ADDRESS = "address"  # who has that telephone number or mail address


@dataclass(frozen=True, slots=True)
class PayablePart:
    """What a payment must know of the part it pays, read and locked with it.

    `payer_member_id` None: whoever has the link. `living_payment_ref`: the payment of it that is not refused.
    """

    id: str
    ask_id: str
    kind: AskKind
    creator_member_id: str
    payer_member_id: str | None
    payee_member_id: str | None
    amount_cents: int
    state: PartState
    expires_at_unix_ms: int
    living_payment_ref: str | None

    def state_at(self, now_unix_ms: int) -> PartState:
        """What is past its time is over even before the sweep wrote it."""
        is_over = now_unix_ms >= self.expires_at_unix_ms
        return (
            PartState.EXPIRED if is_over and self.state in (PartState.OPEN, PartState.WAITING) else self.state
        )


@dataclass(frozen=True, slots=True)
class PartPayment:
    """The payment of a part that is not refused; `state` is the payment's own word."""

    ref: str
    payer_member_id: str
    state: str
    accepted_at_unix_ms: int


@dataclass(frozen=True, slots=True)
class NewPart:
    """What one person is to pay: exactly one of `person`, `address` and `is_link`."""

    amount_cents: int
    person: NamedPerson | None = None
    address: str | None = None
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class NewAsk:
    """`client_reference`: made before the first attempt, so that a repetition asks nobody twice."""

    client_reference: str
    kind: AskKind
    message: str | None
    parts: tuple[NewPart, ...]


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part as the ask's creator sees it. `name`: the other's; `address`: as its creator wrote it."""

    id: str
    way: PartWay
    amount_cents: int
    state: ShownPartState
    name: str | None
    is_professional: bool
    address: str | None
    word: str | None
    payment_ref: str | None
    is_to_sign: bool


@dataclass(frozen=True, slots=True)
class OwnAsk:
    """An ask as its creator sees it."""

    id: str
    kind: AskKind
    message: str | None
    created_at_unix_ms: int
    expires_at_unix_ms: int
    parts: tuple[OwnPart, ...]


class Role(StrEnum):
    """What somebody is to a part."""

    PAYS = "pays"
    RECEIVES = "receives"
    MADE = "made"  # the ask is theirs, and nothing of this part is theirs to do


@dataclass(frozen=True, slots=True)
class SeenPart:
    """A part as who pays it, or is to receive it, sees it. `name`: the other's."""

    id: str
    ask_id: str | None
    kind: AskKind
    role: Role
    state: ShownPartState
    name: str | None
    is_professional: bool
    is_known: bool
    may_decline: bool
    amount_cents: int
    message: str | None
    to_address: str | None
    payment_ref: str | None
    created_at_unix_ms: int
    expires_at_unix_ms: int
