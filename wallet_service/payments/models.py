"""What sales, payments and refunds are made of: frozen dataclasses shared by the whole subject. Pure.

Amounts are cents, times say their unit in their name, addresses and references are lower-case 0x hex.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from wallet_service.payments.states import PaymentState
from wallet_service.protocol.signing.typed_data import PaymentMessage
from wallet_service.security.sessions import Session


class Purpose(StrEnum):
    SALE = "sale"
    PERSON = "person"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class _Signed:
    """What was signed, under this program's names for it. Never copied: one message from edge to row."""

    message: PaymentMessage

    @property
    def ref(self) -> str:
        return self.message.ref

    @property
    def from_address(self) -> str:
        return self.message.from_address

    @property
    def to_address(self) -> str:
        return self.message.to_address

    @property
    def amount_cents(self) -> int:
        return self.message.value

    @property
    def nonce(self) -> int:
        return self.message.nonce

    @property
    def valid_before_unix_s(self) -> int:
        return self.message.valid_before


@dataclass(frozen=True, slots=True)
class PaymentOrder(_Signed):
    """A signed payment as it came, its signature already checked: `signer_address` is who really signed."""

    signature: bytes
    signer_address: str
    by_passkey: bool = False
    sale_id: str | None = None
    refund_request_id: str | None = None
    ask_part_id: str | None = None


@dataclass(frozen=True, slots=True)
class Payment(_Signed):
    """A payment as recorded."""

    purpose: Purpose
    state: PaymentState
    payer_member_id: str
    payee_member_id: str
    sale_id: str | None
    refund_of_ref: str | None
    refund_request_id: str | None
    refusal_code: str | None
    accepted_at_unix_ms: int
    final_at_unix_ms: int | None
    #: Known from the chain alone: what was signed beside the movement, and what for, is not known here.
    is_adopted: bool = False
    ask_part_id: str | None = None
    #: Whose key signed it, where that is not the account holder's own.
    keyholder_id: str | None = None


class Asker(Protocol):
    """Whose browser sent an order, not known before the batch has read its session."""

    @property
    def session_id(self) -> str: ...

    def admit(self, session: Session | None) -> str:
        """The member's id; asked again when the batch is. Raises the refusal that keeps the request out."""
        ...


@dataclass(frozen=True, slots=True)
class AskedOrder(PaymentOrder):
    """An order with who asks: session and account are read with the batch, so as they are at its commit."""

    asker: Asker = field(kw_only=True, compare=False)
