"""What must be known of an account to let money move: frozen dataclasses. Pure.

Amounts are cents; 0 in a limit means no limit, as on the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wallet_service.protocol.signing.floors import PasskeyFloors

#: From so much on, taken back by the bank and not given back, a member's whole sending stops; below it, that
#: much of the balance (decision 0025). Whoever sends a member euros and has them recalled stops no more than
#: what was sent.
OWED_STOPS_FROM_CENTS = 50_00


@dataclass(frozen=True, slots=True)
class OwnCaps:
    """What a member lets themselves spend; cents, 0 means no cap."""

    per_payment_cents: int
    per_day_cents: int
    per_30_days_cents: int


NO_CAPS = OwnCaps(0, 0, 0)


@dataclass(frozen=True, slots=True)
class KeptCaps:
    """Those of now, and those that take their place at that moment."""

    now: OwnCaps
    next: OwnCaps | None = None
    next_from_unix_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """What must be known of a member to let money move. `sectors` and names play no part."""

    member_id: str
    kind: str
    tier: str
    state: str
    account_address: str
    frozen_incoming: bool
    frozen_outgoing: bool
    identity_expires_on_day: int | None
    #: What the bank took back of their credits and they have not given back, cents.
    owed_cents: int = 0
    #: What is held of theirs for payments that are contested, cents.
    disputed_cents: int = 0
    #: What they let themselves spend; None when they chose nothing.
    caps: KeptCaps | None = None

    @property
    def is_stopped_by_debt(self) -> bool:
        """They may send to the association alone."""
        return stops_sending(self.owed_cents)


def stops_sending(owed_cents: int) -> bool:
    """Whether so much taken back by the bank stops all of a member's sending, not only that much."""
    return owed_cents >= OWED_STOPS_FROM_CENTS


#: What the ledger's words hold of each (contracts/SignerWord.sol).
MAX_LIMIT_CENTS = 2**31 - 1
MAX_EXPIRES_AT_UNIX_S = 2**40 - 1


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Of one key, in cents and unix seconds; 0: no such limit. All three 0: all of its account's power."""

    per_payment_cents: int = 0
    per_day_cents: int = 0
    expires_at_unix_s: int = 0

    @property
    def is_none(self) -> bool:
        return not (self.per_payment_cents or self.per_day_cents or self.expires_at_unix_s)

    @property
    def fits_ledger(self) -> bool:
        return (
            0 <= self.per_payment_cents <= MAX_LIMIT_CENTS
            and 0 <= self.per_day_cents <= MAX_LIMIT_CENTS
            and 0 <= self.expires_at_unix_s <= MAX_EXPIRES_AT_UNIX_S
        )


NO_LIMITS = KeyLimits()


@dataclass(frozen=True, slots=True)
class TierLimits:
    """Cents; 0 means no limit. The ledger's own, kept apart so that decisions import nothing of the chain."""

    max_balance_cents: int
    max_payment_cents: int
    max_day_cents: int
    max_30_days_cents: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The ledger's rules as last read; limits and passkey floors by tier word."""

    limits: Mapping[str, TierLimits]
    payments_stopped: bool
    floors: Mapping[str, PasskeyFloors] = field(default_factory=dict)
    redeeming_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Spending:
    """What a member has spent or reserved, not counting what was refused.

    `unspent_today_cents` left the account today without being spent: converted into euros.
    """

    today_cents: int
    last_30_days_cents: int
    unspent_today_cents: int = 0

    @property
    def left_today_cents(self) -> int:
        """What the day's passkey floor counts: whatever left the account, in whatever form."""
        return self.today_cents + self.unspent_today_cents


@dataclass(frozen=True, slots=True)
class PostedBalance:
    posted_cents: int
    reserved_cents: int

    @property
    def available_cents(self) -> int:
        return self.posted_cents - self.reserved_cents


@dataclass(frozen=True, slots=True)
class Stops:
    payments: bool
    issuing: bool
    redeeming: bool
