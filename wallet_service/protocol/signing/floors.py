"""Amounts above which only a passkey signs, as the ledger asks (contracts/Movements.sol)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PasskeyFloors:
    """A tier's, in cents; 0 is no floor."""

    per_payment_cents: int = 0
    per_day_cents: int = 0

    def ask_passkey(self, amount_cents: int, left_today_cents: int) -> bool:
        """Whether an amount needs a passkey: alone, or with what left the account today by whatever keys."""
        return _above(amount_cents, self.per_payment_cents) or _above(
            left_today_cents + amount_cents, self.per_day_cents
        )


def _above(cents: int, floor_cents: int) -> bool:
    return floor_cents != 0 and cents > floor_cents


NO_FLOORS = PasskeyFloors()
