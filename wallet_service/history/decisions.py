"""A month, its lines and its sums; what a receipt says and whether the ledger says the same. Pure.

Amounts are cents, signed as the member sees them. All of it comes from final blocks: opening + lines =
closing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wallet_service.history.errors import MonthInvalid
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.signing.addresses import normal_address
from wallet_service.protocol.text.identifiers import normal_word
from wallet_service.territory.currency import LOCAL_ZONE

_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Month:
    """`first_unix_s` belongs to it, `end_unix_s` is the next one's first second."""

    name: str
    first_unix_s: int
    end_unix_s: int


def month_of(name: str, now_unix_s: int) -> Month:
    """``2026-11``, in local time. Raises MonthInvalid, also for one that has not begun."""
    found = _MONTH.fullmatch(name)
    if found is None:
        raise MonthInvalid()
    year, number = int(found[1]), int(found[2])
    first = datetime(year, number, 1, tzinfo=LOCAL_ZONE)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=LOCAL_ZONE)
    if first.timestamp() > now_unix_s:
        raise MonthInvalid()
    return Month(name, int(first.timestamp()), int(end.timestamp()))


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    TOPUP = "topup"
    REDEMPTION = "redemption"
    RETURN = "return"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`counterparty` is personal; None for the issuer and for people without a shown name."""

    at_unix_s: int
    kind: LineKind
    amount_cents: int
    balance_cents: int
    counterparty: str | None
    ref: str | None
    block_number: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """`is_over`: the month has ended, nothing can be added to it any more. `holder` is personal."""

    month: Month
    holder: str | None
    account: str
    opening_cents: int
    lines: tuple[StatementLine, ...]
    as_of_unix_s: int

    @property
    def closing_cents(self) -> int:
        return self.lines[-1].balance_cents if self.lines else self.opening_cents

    @property
    def in_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines if line.amount_cents > 0)

    @property
    def out_cents(self) -> int:
        return -sum(line.amount_cents for line in self.lines if line.amount_cents < 0)

    @property
    def is_over(self) -> bool:
        return self.as_of_unix_s >= self.month.end_unix_s


@dataclass(frozen=True, slots=True)
class PaymentReceipt:
    """What the ledger says of one payment, and nothing about people."""

    chain_id: int
    ledger: str
    ref: str
    from_address: str
    to_address: str
    amount_cents: int
    block_number: int
    transaction_hash: str


def differences(claimed: PaymentReceipt, recorded: PaymentReceipt | None) -> Sequence[str]:
    """The names of what a receipt says otherwise than the ledger; ``ref`` when it knows no such payment."""
    if recorded is None:
        return ["ref"]
    try:
        normalized = PaymentReceipt(
            chain_id=claimed.chain_id,
            ledger=normal_address(claimed.ledger),
            ref=normal_word(claimed.ref),
            from_address=normal_address(claimed.from_address),
            to_address=normal_address(claimed.to_address),
            amount_cents=claimed.amount_cents,
            block_number=claimed.block_number,
            transaction_hash=normal_word(claimed.transaction_hash),
        )
    except ProtocolError:
        return ["form"]
    names = PaymentReceipt.__dataclass_fields__
    return [name for name in names if getattr(normalized, name) != getattr(recorded, name)]
