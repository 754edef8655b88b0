"""Who may redeem, for how much, at what fee; and the states of a redemption. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from wallet_service.protocol.calendar import has_expired
from wallet_service.protocol.kinds import PROFESSIONAL_KINDS
from wallet_service.protocol.text.money import MAX_AMOUNT_CENTS
from wallet_service.redemptions import errors

BASIS_POINTS = 10_000
PROFESSIONAL_TIER = "professional"
#: A request that could die before it is relayed is not worth starting.
MIN_VALIDITY_S = 5
#: How far a device's clock may be ahead of ours.
CLOCK_TOLERANCE_S = 5


class RedemptionState(StrEnum):
    """requested: signed, units reserved. locked: units held by the ledger.

    exported: in a file that is approved, so perhaps at the bank. paid: the bank has paid and the units are
    burned. returning: the bank sent the euros back, or an officer gives the units back. returned: so are the
    units.
    """

    REQUESTED = "requested"
    LOCKED = "locked"
    EXPORTED = "exported"
    PAID = "paid"
    RETURNING = "returning"
    RETURNED = "returned"
    REFUSED = "refused"


S = RedemptionState
#: What may follow what. The ledger's word wins over ours, hence refused -> locked (relayed by somebody else).
#: Nobody but the bank, or two officers for it, takes an exported one back to locked (`repository.free`).
TRANSITIONS: dict[RedemptionState, frozenset[RedemptionState]] = {
    S.REQUESTED: frozenset({S.LOCKED, S.REFUSED}),
    S.LOCKED: frozenset({S.EXPORTED, S.PAID, S.RETURNING, S.RETURNED}),
    S.EXPORTED: frozenset({S.LOCKED, S.PAID, S.RETURNING, S.RETURNED}),
    S.PAID: frozenset({S.RETURNING}),
    S.RETURNING: frozenset({S.RETURNED}),
    S.RETURNED: frozenset(),
    S.REFUSED: frozenset({S.LOCKED}),
}


def sources_of(target: RedemptionState) -> tuple[str, ...]:
    """The states `target` may come from, as SQL conditions want them."""
    return tuple(sorted(source for source, targets in TRANSITIONS.items() if target in targets))


@dataclass(frozen=True)
class Quote:
    """All in cents but the delay. `net_cents` is what the bank will pay."""

    amount_cents: int
    fee_cents: int
    net_cents: int
    delay_days: int


@dataclass(frozen=True)
class Redeemer:
    """What must be known of a member to let units go back to euros.

    `held_back_cents`: what the bank took back of their credits and they have not given back, and what is held
    for payments to them that are contested.
    """

    kind: str
    tier: str
    state: str
    frozen_outgoing: bool
    identity_expires_on_day: int | None
    held_back_cents: int = 0


@dataclass(frozen=True)
class RedemptionOrder:
    """A signed redemption as it came."""

    amount_cents: int
    ref: str
    nonce: int
    valid_before_unix_s: int


def quote(amount_cents: int, fee_basis_points: int, delay_days: int) -> Quote:
    """The fee is rounded down to the cent, in the member's favour. Raises RedemptionAmountInvalid."""
    fee_cents = amount_cents * fee_basis_points // BASIS_POINTS
    if not fee_cents < amount_cents <= MAX_AMOUNT_CENTS:
        raise errors.RedemptionAmountInvalid(fee_cents=max(fee_cents, 0))
    return Quote(amount_cents, fee_cents, amount_cents - fee_cents, delay_days)


def check_redeemer(redeemer: Redeemer, today: int) -> None:
    """Raises the first reason why this member may not redeem; `today` in days since 1970-01-01."""
    if redeemer.kind not in PROFESSIONAL_KINDS or redeemer.tier != PROFESSIONAL_TIER:
        raise errors.NotProfessional()
    if redeemer.state != "active":
        raise errors.RedeemerUnknown()
    if redeemer.frozen_outgoing:
        raise errors.RedeemerFrozen()
    if has_expired(redeemer.identity_expires_on_day, today):
        raise errors.RedeemerIdentityExpired()


def check_validity(order: RedemptionOrder, now_unix_s: int, lifetime_s: int) -> None:
    """Raises RedemptionValidityInvalid unless the signature dies inside the allowed window."""
    latest_unix_s = now_unix_s + lifetime_s + CLOCK_TOLERANCE_S
    if not now_unix_s + MIN_VALIDITY_S <= order.valid_before_unix_s <= latest_unix_s:
        raise errors.RedemptionValidityInvalid(server_time_unix_s=now_unix_s)


def payee_hash(secret: bytes, iban: str) -> str:
    """Commits on chain to the payee's account without telling it: HMAC-SHA-256 under their secret."""
    return "0x" + hmac.new(secret, b"alba payee 1\x00" + iban.encode(), hashlib.sha256).hexdigest()
