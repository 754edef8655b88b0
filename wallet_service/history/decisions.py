"""A month, a year, their lines and sums; what a receipt says and whether the ledger says the same. Pure.

Amounts are cents, signed as the member sees them. All of it comes from final blocks: opening + lines =
closing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wallet_service.history.errors import MonthInvalid, YearInvalid
from wallet_service.protocol.errors import ProtocolError
from wallet_service.protocol.signing.addresses import normal_address
from wallet_service.protocol.text.identifiers import normal_word
from wallet_service.territory.currency import LOCAL_ZONE

_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)
_YEAR = re.compile(r"20\d{2}", re.ASCII)
MONTHS_A_YEAR = 12


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


def day_starts_unix_ms(now_unix_ms: int) -> int:
    """Midnight of the day it is in the region, Unix ms."""
    now = datetime.fromtimestamp(now_unix_ms // 1000, LOCAL_ZONE)
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000


def months_of_year(name: str, now_unix_s: int) -> tuple[Month, ...]:
    """The months of ``2026`` that have begun, in local time. Raises YearInvalid."""
    if _YEAR.fullmatch(name) is None:
        raise YearInvalid()
    months = []
    for number in range(1, MONTHS_A_YEAR + 1):
        try:
            months.append(month_of(f"{name}-{number:02d}", now_unix_s))
        except MonthInvalid:
            break
    if not months:
        raise YearInvalid()
    return tuple(months)


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    TOPUP = "topup"
    REDEMPTION = "redemption"
    RETURN = "return"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`counterparty` is personal; None for the issuer and for people without a shown name.

    `message` came with a payment between people and is personal too. `label` and `tip_cents`: what a till
    wrote of its sale, and what of the amount is a tip.
    """

    at_unix_s: int
    kind: LineKind
    amount_cents: int
    balance_cents: int
    counterparty: str | None
    ref: str | None
    block_number: int
    message: str | None = None
    label: str | None = None
    tip_cents: int = 0


@dataclass(frozen=True, slots=True)
class KindSums:
    """What one kind of line came to in one direction."""

    kind: LineKind
    is_in: bool
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class MonthSums:
    """One month of a year: what came in, what left, and the balance at its end (or so far)."""

    name: str
    in_cents: int
    out_cents: int
    closing_cents: int


@dataclass(frozen=True, slots=True)
class YearSummary:
    """`holder` is personal. `is_over`: the year has ended, nothing can be added to it any more."""

    name: str
    holder: str | None
    account: str
    opening_cents: int
    months: tuple[MonthSums, ...]
    kinds: tuple[KindSums, ...]
    as_of_unix_s: int
    is_over: bool

    @property
    def closing_cents(self) -> int:
        return self.months[-1].closing_cents

    @property
    def in_cents(self) -> int:
        return sum(month.in_cents for month in self.months)

    @property
    def out_cents(self) -> int:
        return sum(month.out_cents for month in self.months)


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
    def tips_cents(self) -> int:
        """What of the money that came in was tips; a refund takes nothing off."""
        return sum(line.tip_cents for line in self.lines if line.amount_cents > 0)

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


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund of a payment, or the payment that a refund gives back."""

    ref: str
    amount_cents: int
    at_unix_s: int


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """A final payment as one of its two people keeps it on paper; names and message are personal.

    `is_in`: the reader was paid. `refunds`: what was given back of it since; `refund_of`: what it gives back.
    `label` and `tip_cents`: what a till wrote of its sale, and what of the amount is a tip.
    """

    kind: LineKind
    is_in: bool
    holder: str | None
    other: str | None
    at_unix_s: int
    message: str | None
    refunds: tuple[GivenBack, ...]
    refund_of: GivenBack | None
    proof: PaymentReceipt
    as_of_unix_s: int
    label: str | None = None
    tip_cents: int = 0


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
