"""What a further person's key may be allowed, and what it may pay now. Pure.

The ledger checks the same limits (contracts/Signers.sol, Payments.sol); here they are checked before, with
what is on its way counted in, so that nobody waits at a till for a refusal.
"""

from __future__ import annotations

from wallet_service.accounts.models import KeyLimits
from wallet_service.keyholders import errors
from wallet_service.keyholders.models import KeyholderKind, KeyholderState, KeyPower

S = KeyholderState
#: A code that lies about for longer helps only who finds it.
INVITATION_LIFETIME_MS = 10 * 60_000
#: So many living keys and invitations an account: what one person still overlooks.
MAX_KEYHOLDERS = 8
MAX_NAME_LENGTH = 40
#: A key that ends sooner would end while the words are compared.
SHORTEST_S = 3_600
#: A helper's key ends after a year at the latest: who helps changes, and nobody is to forget one.
HELPER_LONGEST_S = 365 * 86_400
#: A payment accepted so shortly before its key's end might come to the ledger after it.
SETTLING_TAKES_S = 5
#: The holder is told of a key's refusals at most so often.
TELL_REFUSAL_EVERY_MS = 3_600_000
#: Payments of one key that are shown.
SHOWN_PAYMENTS = 30

KEYHOLDER_TRANSITIONS: dict[S, frozenset[S]] = {
    S.INVITED: frozenset({S.JOINED}),
    S.JOINED: frozenset({S.ADDING}),
    S.ADDING: frozenset({S.ACTIVE, S.ENDED}),
    S.ACTIVE: frozenset({S.ENDED}),
    S.ENDED: frozenset(),
}


def may_follow(state: KeyholderState, target: KeyholderState) -> bool:
    return target in KEYHOLDER_TRANSITIONS[state]


def check_wanted(kind: KeyholderKind, limits: KeyLimits, now_unix_s: int) -> None:
    """Raises KeyLimitsRefused for what the ledger would refuse, or this house."""
    if kind is KeyholderKind.JOINT:
        if not limits.is_none:
            raise errors.KeyLimitsRefused
        return
    end = limits.expires_at_unix_s
    if limits.is_none or not limits.fits_ledger:
        raise errors.KeyLimitsRefused
    if end and end < now_unix_s + SHORTEST_S:
        raise errors.KeyLimitsRefused
    if kind is KeyholderKind.HELPER and not 0 < end <= now_unix_s + HELPER_LONGEST_S:
        raise errors.KeyLimitsRefused


def check_room(living: int) -> None:
    """Raises TooManyKeyholders."""
    if living >= MAX_KEYHOLDERS:
        raise errors.TooManyKeyholders(limit=MAX_KEYHOLDERS)


def has_ended(limits: KeyLimits, now_unix_s: int) -> bool:
    """From that very second on, as on the ledger."""
    return 0 < limits.expires_at_unix_s <= now_unix_s


def stricter(one: KeyLimits, other: KeyLimits) -> KeyLimits:
    """Each limit as the tighter of the two has it: what counts while the ledger has not answered."""
    return KeyLimits(
        _lower(one.per_payment_cents, other.per_payment_cents),
        _lower(one.per_day_cents, other.per_day_cents),
        _lower(one.expires_at_unix_s, other.expires_at_unix_s),
    )


def _lower(one: int, other: int) -> int:
    return min(one, other) if one and other else one or other


def left_today_cents(limits: KeyLimits, spent_today_cents: int) -> int | None:
    """None: the key has no limit of a day."""
    return max(limits.per_day_cents - spent_today_cents, 0) if limits.per_day_cents else None


def can_spend_cents(limits: KeyLimits, spent_today_cents: int, free_cents: int) -> int:
    """The largest payment that nothing of this stands in the way of."""
    left_cents = left_today_cents(limits, spent_today_cents)
    bounds = [free_cents, *([limits.per_payment_cents] if limits.per_payment_cents else [])]
    return max(min([*bounds, *([] if left_cents is None else [left_cents])]), 0)


def check_alive(power: KeyPower, now_unix_s: int) -> None:
    """Raises KeyEnded, KeyExpired."""
    if power.state is not S.ACTIVE:
        raise errors.KeyEnded
    if has_ended(power.limits, now_unix_s + SETTLING_TAKES_S):
        raise errors.KeyExpired


def check_amount(power: KeyPower, amount_cents: int) -> None:
    """Raises KeyPaymentLimit, KeyDayLimit."""
    limits = power.limits
    if 0 < limits.per_payment_cents < amount_cents:
        raise errors.KeyPaymentLimit(limit_cents=limits.per_payment_cents)
    left_cents = left_today_cents(limits, power.spent_today_cents)
    if left_cents is not None and amount_cents > left_cents:
        raise errors.KeyDayLimit(limit_cents=limits.per_day_cents, left_cents=left_cents)


def is_told_again(power: KeyPower, now_unix_ms: int) -> bool:
    """Whether the holder is told of this refusal, the last one being long enough ago."""
    last_unix_ms = power.refused_at_unix_ms
    return last_unix_ms is None or now_unix_ms - last_unix_ms >= TELL_REFUSAL_EVERY_MS
